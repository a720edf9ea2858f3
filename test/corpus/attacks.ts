/** Attacks of the hostile corpus, as texts. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every text in a JSON file that may be an attack: what stands under `payload` or `div`, or in a plain list. */
function attacksIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(attacksIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    if (typeof member === 'object') return attacksIn(member).filter((text) => text.includes('<'))
    return name === 'payload' || name === 'div' ? attacksIn(member) : []
  })
}

/** The attacks in a folder, each once. */
export function attacks(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const texts = files.flatMap((file) => {
    if (file.endsWith('.json')) return attacksIn(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    return /\.(?:svg|xht|html?)$/.test(file) ? [readFileSync(join(folder, file), 'utf8')] : []
  })
  return [...new Set(texts)]
}

/** Whatever host an attack is for, it is ours now; names of namespaces stay. */
export function aimedAt(origin: string, attack: string): string {
  return attack.replace(/(?:https?:|ftp:)?[/\\]{2}(?!www\.w3\.org\b)[\w.:@-]+/gi, origin)
}
