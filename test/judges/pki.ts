/** The keys of the judge `pki`, and its time-stamping authority on this machine. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { judgesDir } from './judge.ts'

export interface ServedPki {
  readonly folder: string
  /** Without a slash at the end. */
  readonly url: string
  readonly stop: () => void
}

/** Several suites may run at once. */
const PORT = 8_300 + (process.pid % 1_000)

/** Made anew in the folder. @throws Error where it cannot be served */
export function servePki(folder: string): Promise<ServedPki> {
  const url = `http://127.0.0.1:${PORT}`
  const child = spawn(join(judgesDir ?? '', 'pki'), [folder, '--urls', url, '--serve', String(PORT)])
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('ready')) resolve({ folder, url, stop: () => void child.kill() })
    })
    child.on('exit', (code) => {
      reject(new Error(`The judge pki ended with ${code}`))
    })
  })
}
