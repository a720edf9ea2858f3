/** What a newcomer is offered where nobody has to log in: a made-up record, and a key for trying out that nobody vouches for. */

import { readdir, readFile } from 'node:fs/promises'
import { demoSigner } from './edge/keys/demo.ts'
import { parseJson } from './fhir/json.ts'
import { isResource, type Resource } from './fhir/types.ts'
import type { Signing } from './pipeline.ts'
import type { Now } from './ports.ts'

export interface Example {
  /** A patient who was never born, with one stay in hospital. */
  readonly record: () => Promise<readonly Resource[]>
  /** A seal by a key that is made when it is first asked for, and named as what it is: for tests, never for care. */
  readonly seal: () => Signing
}

const folder = new URL('../fixtures/documents/discharge/resources/', import.meta.url)

/** The example that comes with the project. */
export function openExample({ now }: Pick<Now, 'now'>): Example {
  let seal: Signing | undefined
  return {
    record: async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
      const read = await Promise.all(names.map(async (name) => parseJson(await readFile(new URL(name, folder)))))
      return read.filter((one): one is Resource => isResource(one))
    },
    seal: () => (seal ??= { key: demoSigner({ now: now() }).key, seal: true }),
  }
}
