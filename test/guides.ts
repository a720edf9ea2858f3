/** The guides of the project, compiled once for the suites that draft. */

import { fileURLToPath } from 'node:url'
import { openGuides } from '../src/guides.ts'
import type { Guide } from '../src/drafting.ts'
import type { Design } from '../src/pipeline.ts'

export const PROFILES = fileURLToPath(new URL('../profiles', import.meta.url))

/** The guides of profiles/guides. */
export function projectGuides(design: Design): readonly Guide[] {
  return openGuides([PROFILES], design)
}

/** The guide with a name. */
export function guideNamed(name: string, design: Design): Guide {
  const guide = projectGuides(design).find(({ row }) => row.name === name)
  if (guide === undefined) throw new TypeError(`There is no guide ${name}`)
  return guide
}
