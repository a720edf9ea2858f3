/** The definitions that the build has compiled, read from build/. */

import { readFile } from 'node:fs/promises'
import type { Definitions } from '../fhir/definitions.ts'

const build = new URL('../../build/r4/', import.meta.url)

/** The R4 definitions. @throws Error where `npm run build` has not run */
export async function loadDefinitions(): Promise<Definitions> {
  const [model, compartment, invariants, bindings, targets, shapes] = await Promise.all([
    read('model'),
    read('compartment'),
    read('invariants'),
    read('bindings'),
    read('targets'),
    built(() => import(new URL('shapes.js', build).href) as Promise<Definitions['shapes']>),
  ])
  return { model, compartment, invariants, bindings, targets, shapes }
}

function read<Part extends keyof Definitions>(part: Part): Promise<Definitions[Part]> {
  return built(async () => JSON.parse(await readFile(new URL(`${part}.json`, build), 'utf8')) as Definitions[Part])
}

async function built<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new Error('The definitions are not built, run npm run build', { cause })
  }
}
