/** What Node makes of the sources of the service, kept for the first start (see bin/fhirdoc.js): it takes a third of the time then. */

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { HEAP } from '../src/edge/workers.ts'

/**
 * Compiles the service into a folder, by processes of its own: what one with other flags has compiled serves none.
 * @throws Error where it does not compile
 */
export function buildCompiled(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  const code = `
    import { enableCompileCache } from 'node:module'
    enableCompileCache(${JSON.stringify(folder)})
    const { readSettings } = await import('./src/settings.ts')
    const { designOf } = await import('./src/main/design.ts')
    const modules = ['main', 'main/serving', 'guides', 'edge/gathering', 'edge/store/sql/postgres']
    await Promise.all([designOf(readSettings({})), ...modules.map((name) => import('./src/' + name + '.ts'))])`
  for (const flags of [[], HEAP]) {
    const { status, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', code], {
      cwd: root,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`The service does not compile: ${stderr}`)
  }
}
