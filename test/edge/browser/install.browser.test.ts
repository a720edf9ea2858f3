/** The bundled browser is unpacked into a folder that is the user's alone, and only what is whole is started. */

import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installChromium } from '../../../src/edge/browser/install.ts'
import { noBrowser } from './browser.ts'

describe.skipIf(noBrowser !== undefined)('the bundled browser', { timeout: 120_000 }, () => {
  let cache = ''
  beforeAll(() => {
    cache = mkdtempSync(join(tmpdir(), 'install-test-'))
  })
  afterAll(() => rmSync(cache, { recursive: true }))

  it('is unpacked once, whoever asks at the same time, and starts', async () => {
    const folder = join(cache, 'once')
    const both = await Promise.all([installChromium(folder), installChromium(folder)])
    expect(both[0]).toEqual(both[1])
    const { executable } = both[0]
    expect(execFileSync(executable, ['--version']).toString()).toMatch(/^Chromium \d+/)
    expect(readdirSync(folder)).toHaveLength(1)
    expect(statSync(folder).mode & 0o077).toBe(0)
    expect(statSync(executable).mode & 0o077).toBe(0)
    const { mtimeMs } = statSync(executable)
    expect(await installChromium(folder)).toEqual(both[0])
    expect(statSync(executable).mtimeMs).toBe(mtimeMs)
  })

  it('is unpacked anew where a byte of it has changed', async () => {
    const folder = join(cache, 'once')
    const { executable } = await installChromium(folder)
    const { size } = statSync(executable)
    appendFileSync(executable, 'x')
    await installChromium(folder)
    expect(statSync(executable).size).toBe(size)
    expect(readdirSync(folder)).toHaveLength(1)
  })

  it('is not looked for where others could have put it', async () => {
    const folder = join(cache, 'open')
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    await expect(installChromium(folder)).rejects.toMatchObject({ issues: [{ code: 'transient' }] })
    expect(readdirSync(folder)).toEqual([])
  })
})
