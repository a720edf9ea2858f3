/** The build: what is compiled from the published definitions and the templates, written to build/ (`npm run build`). */

import { readFileSync } from 'node:fs'
import { compilePackage } from '../src/edge/packages/compiled.ts'
import { openPackage } from '../src/edge/packages/content.ts'
import { compiledFolder, type Manifest } from '../src/edge/packages/manifest.ts'
import { buildBase } from './base.ts'
import { buildCompiled } from './compiled.ts'
import { buildFonts } from './fonts.ts'
import { buildTemplates } from './templates.ts'

const root = `${import.meta.dirname}/../`
const { packages } = JSON.parse(readFileSync(`${root}profiles/manifest.json`, 'utf8')) as Manifest

for (const core of packages.filter(({ name }) => name.endsWith('.core'))) {
  const { fhirVersion, folder } = core
  const base = buildBase({
    source: `${root}node_modules/${core.name}`,
    fhirVersion,
    target: `${root}build/${folder}`,
  })
  for (const one of packages.filter((other) => other.folder === folder)) {
    const content = { ...openPackage(`${root}node_modules/${one.name}`), name: one.name, version: one.version }
    compilePackage({ content, base, fhirVersion }, `${root}build/${compiledFolder(one)}`)
  }
}

await buildTemplates(`${root}templates`, `${root}build`)
await buildFonts(`${root}node_modules`, `${root}build/fonts`)
buildCompiled(root, `${root}node_modules/.cache/fhirdoc`)
