/** Secrets from files: a setting that is one may name a file by `…_FILE`, so that it stands in no environment. */

import { readFile } from 'node:fs/promises'
import { fail } from '../fhir/error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment with the content of those files in the place of their names; a line break at the end is dropped.
 * @throws FhirError `value` where a secret is given twice, or its file cannot be read
 */
export async function withSecrets(env: Environment, names: readonly string[]): Promise<Environment> {
  const given = names.filter((name) => (env[`${name}_FILE`] ?? '') !== '')
  const read = await Promise.all(given.map(async (name) => [name, await secretOf(env, name)] as const))
  const others = Object.entries(env).filter(([name]) => !given.some((secret) => name === `${secret}_FILE`))
  return Object.fromEntries([...others, ...read])
}

async function secretOf(env: Environment, name: string): Promise<string> {
  if ((env[name] ?? '') !== '') throw fail('value', `${name} and ${name}_FILE are both set, expected one of them`)
  const text = await readFile(env[`${name}_FILE`] ?? '', 'utf8').catch((cause: unknown) => {
    throw fail('value', `${name}_FILE names no file that can be read`, { cause })
  })
  return text.replace(/\r?\n$/, '')
}
