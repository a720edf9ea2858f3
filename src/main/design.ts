/** What is decided at start by the settings: rules and templates, from build/ and from the folders of the deployment. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { surroundings } from '../cli/answer.ts'
import type { Guide } from '../drafting.ts'
import { loadDefinitions, type FhirVersion } from '../edge/packages.ts'
import { templateFiles } from '../edge/templates.ts'
import type { Design } from '../pipeline.ts'
import type { Settings } from '../settings.ts'
import { builtTemplates } from './built-templates.ts'

/** The version of this program. */
export const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024

/** What is decided at start by the settings; definitions and templates come from build/. */
export async function designOf(settings: Settings, fhirVersion: FhirVersion = '4.0.1'): Promise<Design> {
  const [definitions, templates, { compileChecks }] = await Promise.all([
    loadDefinitions({ fhirVersion, profiles: profileFolders(settings) }),
    templatesOf(settings),
    import('../check/check.ts'),
  ])
  const { model, compartment } = definitions
  const { limitEntries: entries, limitDepth: depth, zone, block } = settings
  return {
    checks: compileChecks(definitions),
    render: {
      templates,
      model,
      compartment,
      producer: `fhirdoc ${version}`,
      ...(zone !== undefined && { zone }),
    },
    policy: {},
    block,
    collect: { model, compartment, limits: { entries, depth, bytes: MAX_DOCUMENT_BYTES } },
  }
}

/** The templates that come along, and those of the deployment as they are now. */
export async function templatesOf({ templates }: Settings): Promise<Design['render']['templates']> {
  const [built, own, { openTemplates }] = await Promise.all([
    builtTemplates(),
    templates === undefined ? {} : surroundings(templateFiles(templates)),
    import('../render/templates.ts'),
  ])
  return openTemplates(built, own)
}

/** Where packages may be dropped in: the folder of the project, and the one that the setting names. */
function profileFolders({ profiles }: Settings): readonly string[] {
  return [fileURLToPath(new URL('../../profiles', import.meta.url)), ...(profiles === undefined ? [] : [profiles])]
}

/** The guides that documents are drafted by, of the project and of the deployment. @throws Stop 3 where one is no guide */
export async function guidesOf(settings: Settings, design: Design): Promise<readonly Guide[]> {
  const { openGuides } = await import('../guides.ts')
  // those of the project are sound; what a deployment brings is judged at start
  const compile = settings.profiles === undefined ? 'asked' : 'now'
  return surroundings(Promise.resolve().then(() => openGuides(profileFolders(settings), design, compile)))
}
