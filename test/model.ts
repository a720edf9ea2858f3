/** The element model of R4 as `npm run build` compiled it. */

import { readFileSync } from 'node:fs'
import type { Model } from '../src/fhir/model.ts'

export const model = JSON.parse(readFileSync(new URL('../build/r4/model.json', import.meta.url), 'utf8')) as Model

/** How files are read by it. */
export const reading = { model: (): Model => model } as const
