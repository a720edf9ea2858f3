/** One setting as a row, and the ways to write one. */

import type { Shape } from '../shape.ts'

export interface Setting<T> {
  /** Without the prefix: `PORT`. */
  readonly name: string
  readonly shape: Shape<T>
  /** As it would be written; none where the setting is optional. */
  readonly fallback?: string
  /** What it decides, in one phrase. */
  readonly text: string
  /** It may be given as `…_FILE`, which names a file that holds it. */
  readonly isSecret?: true
}

export interface SettingRow<T> extends Setting<T> {
  readonly fallback: string
}

export const hostName: Shape<string> = {
  label: 'a host name or IP address',
  read: (value) => (/^(?:[a-z0-9._-]+|\[?[0-9a-f:.]+\]?)$/i.test(value) ? value.toLowerCase() : undefined),
}

/** A setting that has a value where none is given. */
export function row<T>(name: string, ofShape: Shape<T>, meaning: string, fallback: string): SettingRow<T> {
  return { name, shape: ofShape, text: meaning, fallback }
}

/** A setting without which the service does without. */
export function optional<T>(name: string, ofShape: Shape<T>, meaning: string): Setting<T> {
  return { name, shape: ofShape, text: meaning }
}

/** A setting that is never told, and may be given as a file. */
export function secret<T extends Setting<unknown>>(setting: T): T {
  return { ...setting, isSecret: true }
}
