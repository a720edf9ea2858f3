/** An output that cannot be written ends a command with a sentence, one that nobody reads any more without. */

import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const PROGRAM = `
  import { outputOf } from '${new URL('../../src/edge/process.ts', import.meta.url).href}'
  await outputOf(process.stdout).write('x'.repeat(1_000_000))
  await new Promise((resolve) => setTimeout(resolve, 200))
`

interface Ended {
  readonly exit: number | null
  readonly said: string
}

function run(output: number | 'pipe'): Promise<Ended> {
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', output, 'pipe'],
  })
  child.stdout?.destroy()
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return new Promise((resolve) => child.on('close', (exit) => resolve({ exit, said })))
}

describe.skipIf(process.platform !== 'linux')('an output', () => {
  it('on a full disk is an error of the surroundings, said in a sentence', async () => {
    const full = openSync('/dev/full', 'w')
    expect(await run(full)).toEqual({ exit: 3, said: 'error: The output does not fit, the disk is full\n' })
  })

  it('that nobody reads any more is the end, and nothing is said', async () => {
    expect(await run('pipe')).toEqual({ exit: 0, said: '' })
  })
})
