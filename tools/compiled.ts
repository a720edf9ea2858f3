/** What Node makes of the sources of the service, kept for the first start (see bin/fhirdoc.js): it takes a third of the time then. */

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'

/** Compiles the service into a folder, by a process of its own. @throws Error where it does not compile */
export function buildCompiled(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  const code = `
    import { enableCompileCache } from 'node:module'
    enableCompileCache(${JSON.stringify(folder)})
    const { readSettings } = await import('./src/settings.ts')
    const { designOf } = await import('./src/main/design.ts')
    const modules = ['main', 'main/serving', 'guides', 'edge/gathering', 'edge/store/sql/postgres']
    await Promise.all([designOf(readSettings({})), ...modules.map((name) => import('./src/' + name + '.ts'))])`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The service does not compile: ${stderr}`)
}
