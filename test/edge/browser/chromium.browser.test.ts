/** Chromium prints what it is given, survives what happens to it, and leaves nothing behind. */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { chromiumPrinter } from '../../../src/edge/browser/chromium.ts'
import { browsersOf, descendants, factsOf, folderOf, noBrowser, table, until, withPrinter, xhtml } from './browser.ts'

const code = (expected: string): object => ({ issues: [expect.objectContaining({ code: expected })] })

describe.skipIf(noBrowser !== undefined)('a printer', { timeout: 120_000 }, () => {
  it('makes a tagged PDF with an outline and only embedded subsets of the bundled fonts', async () => {
    const styles = ['x', '<b>x</b>', '<i>x</i>', '<b><i>x</i></b>']
    const words = ['Crème', 'Łódź', 'Θεραπεία', 'ᾠδή', 'Лечение', 'Ѣ', 'Điều trị', 'SpO₂ 10⁹/L Na⁺ 5‰', 'c\u030ceský']
    const lines = words.flatMap((word) => styles.map((style) => `<p>${style.replace('x', word)}</p>`))
    const furniture =
      '<style>@page { @bottom-left { content: "Страница " counter(page) " из " counter(pages) } }</style>'
    const pdf = await withPrinter({}, (printer) => printer.print(xhtml(`<h1>Words</h1>${lines.join('')}`, furniture)))
    expect(factsOf(pdf)).toEqual({
      fonts: ['NotoSans-Bold', 'NotoSans-BoldItalic', 'NotoSans-Italic', 'NotoSans-Regular'],
      subsets: true,
      type3: false,
      tagged: true,
      outline: true,
      lang: 'en',
    })
  })

  it('starts no browser before the first print, and keeps the sandbox from root alone', async () => {
    const warnings: string[] = []
    await withPrinter({ onWarning: (text) => warnings.push(text) }, async (printer) => {
      expect(browsersOf(process.pid)).toEqual([])
      await printer.print(table(1))
      await printer.print(table(1))
      const [browser] = browsersOf(process.pid)
      const root = process.getuid?.() === 0
      expect(browser?.command.includes('--no-sandbox')).toBe(root)
      expect(warnings).toEqual(
        root ? ['Chromium runs without its sandbox because the user is root, expected another user'] : [],
      )
    })
  })

  it('gives its browser nothing of its own environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chromium-test-'))
    const executable = join(folder, 'browser')
    writeFileSync(executable, `#!/bin/sh\nenv > ${folder}/environment\n`, { mode: 0o700 })
    await withPrinter({ executable }, (printer) =>
      expect(printer.print(table(1))).rejects.toMatchObject(code('transient')),
    )
    const environment = readFileSync(join(folder, 'environment'), 'utf8')
    rmSync(folder, { recursive: true })
    expect(environment).toMatch(/^HOME=.*fhirdoc-chromium-/m)
    expect(environment).not.toMatch(/VITEST/)
  })

  const sizeOf = async (printed: Promise<Uint8Array>): Promise<number> => (await printed).length

  it('refuses what is not well-formed, too long, too deep or would be a PDF of too many pages or bytes, and goes on', async () => {
    await withPrinter({ maxPages: 2, maxBytes: 250_000, maxLength: 400_000 }, async (printer) => {
      await expect(sizeOf(printer.print(xhtml('<p>a<br></p>')))).rejects.toMatchObject(code('exception'))
      await expect(sizeOf(printer.print(xhtml('a'.repeat(400_000))))).rejects.toMatchObject(code('too-costly'))
      await expect(sizeOf(printer.print(table(200)))).rejects.toMatchObject({
        issues: [{ text: expect.stringContaining('2 pages') as string }],
      })
      await expect(sizeOf(printer.print(xhtml('<div>'.repeat(3_000) + '</div>'.repeat(3_000))))).rejects.toMatchObject({
        issues: [{ code: 'too-costly', text: expect.stringContaining('nested') as string }],
      })
      const wide = Array.from({ length: 60_000 }, (_, index) => ((index * 7_919) % 9_973).toString(36)).join(' ')
      await expect(sizeOf(printer.print(xhtml(`<p style="font-size: 2pt">${wide}</p>`)))).rejects.toMatchObject({
        issues: [{ code: 'too-costly', text: expect.stringContaining('bytes') as string }],
      })
      expect(await sizeOf(printer.print(table(40)))).toBeLessThan(250_000)
    })
  })

  it('says which setting names the browser where the one named does not start', async () => {
    const text = expect.stringContaining('FHIRDOC_CHROMIUM') as string
    await withPrinter({ executable: '/nowhere/chromium' }, async (printer) => {
      await expect(printer.print(table(1))).rejects.toMatchObject({ issues: [{ code: 'transient', text }] })
    })
  })

  it('ends a print that takes too long, and prints the next page', async () => {
    await withPrinter({ timeoutMs: 3_000 }, async (printer) => {
      await printer.print(table(1))
      const start = Date.now()
      await expect(printer.print(table(150_000))).rejects.toMatchObject(code('timeout'))
      expect(Date.now() - start).toBeLessThan(10_000)
      expect((await printer.print(table(1))).length).toBeGreaterThan(1_000)
    })
  })

  it('leaves a print that its caller gave up', async () => {
    await withPrinter({ pages: 1 }, async (printer) => {
      await printer.print(table(1))
      const reason = new Error('The caller left')
      const controller = new AbortController()
      const given = printer.print(table(20_000), { signal: controller.signal })
      setTimeout(() => controller.abort(reason), 100)
      await expect(given).rejects.toBe(reason)
      expect((await printer.print(table(1))).length).toBeGreaterThan(1_000)
    })
  })
})

describe.skipIf(noBrowser !== undefined)('a browser that is killed', { timeout: 120_000 }, () => {
  it('costs none of the prints in flight: they are made on a new one, and so is the next', async () => {
    await withPrinter({ pages: 3 }, async (printer) => {
      await printer.print(table(1))
      const [first] = browsersOf(process.pid)
      const inFlight = Array.from({ length: 5 }, () => printer.print(table(1_000)))
      setTimeout(() => process.kill(first?.pid ?? 0, 'SIGKILL'), 100)
      const pdfs = await Promise.all(inFlight)
      expect(pdfs.every((pdf) => factsOf(pdf).tagged)).toBe(true)
      expect((await printer.print(table(1))).length).toBeGreaterThan(1_000)
      const browsers = browsersOf(process.pid)
      expect(browsers.map(({ pid }) => pid)).not.toContain(first?.pid)
      expect(browsers).toHaveLength(1)
    })
  })

  it('again and again ends a print with a clear error, and the next print is made', async () => {
    await withPrinter({}, async (printer) => {
      const killing = setInterval(() => browsersOf(process.pid).forEach(({ pid }) => process.kill(pid, 'SIGKILL')), 20)
      await expect(printer.print(table(20_000))).rejects.toMatchObject(code('transient'))
      clearInterval(killing)
      expect((await printer.print(table(1))).length).toBeGreaterThan(1_000)
    })
  })

  it('may also lose only the process of a page', async () => {
    await withPrinter({}, async (printer) => {
      await printer.print(table(1))
      const given = printer.print(table(2_000))
      setTimeout(() => {
        const renderers = descendants(process.pid).filter(({ command }) => command.includes('--type=renderer'))
        renderers.forEach(({ pid }) => process.kill(pid, 'SIGKILL'))
      }, 100)
      expect((await given).length).toBeGreaterThan(1_000)
    })
  })
})

const script = new URL('print-and-wait.ts', import.meta.url).pathname

describe.skipIf(noBrowser !== undefined)('nothing is left', { timeout: 120_000 }, () => {
  it('of processes and folders after a printer is closed, amidst prints too', async () => {
    const printer = chromiumPrinter({ pages: 2 })
    await printer.print(table(1))
    const [browser] = browsersOf(process.pid)
    const processes = descendants(process.pid).filter(({ command }) => command.includes('chromium'))
    expect(processes.length).toBeGreaterThan(2)
    const inFlight = [printer.print(table(20_000)), printer.print(table(20_000)), printer.print(table(1))]
    const ended = Promise.allSettled(inFlight)
    await printer.close()
    for (const { status, ...rest } of await ended)
      expect({ status, ...rest }).toMatchObject({ status: 'rejected', reason: code('transient') })
    await until(() => processes.every(({ pid }) => !existsSync(`/proc/${pid}/exe`)))
    expect(existsSync(folderOf(browser ?? { pid: 0, parent: 0, command: '' }))).toBe(false)
    expect(browsersOf(process.pid)).toEqual([])
    await expect(printer.print(table(1))).rejects.toMatchObject(code('transient'))
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'exit'])('after the process ends by %s', async (end) => {
    const parent = spawn(process.execPath, [script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(parent.stdout, 'data')
    const processes = descendants(parent.pid ?? 0)
    const folders = browsersOf(parent.pid ?? 0).map(folderOf)
    expect(folders.map((folder) => existsSync(folder))).toEqual([true])
    const ended = once(parent, 'exit')
    if (end === 'exit') parent.stdin.end('exit')
    else parent.kill(end as NodeJS.Signals)
    expect(await ended).toEqual(end === 'exit' ? [7, null] : [null, end])
    await until(() => processes.every(({ pid }) => !existsSync(`/proc/${pid}/exe`)))
    expect(folders.map((folder) => existsSync(folder))).toEqual([false])
  })

  it('running after the process itself is killed, and its folder goes with the next start', async () => {
    const parent = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(parent.stdout, 'data')
    const processes = descendants(parent.pid ?? 0)
    const folders = browsersOf(parent.pid ?? 0).map(folderOf)
    const ended = once(parent, 'exit')
    parent.kill('SIGKILL')
    await ended
    await until(() => processes.every(({ pid }) => !existsSync(`/proc/${pid}/exe`)))
    await withPrinter({}, (printer) => printer.print(table(1)))
    expect(folders.map((folder) => existsSync(folder))).toEqual([false])
  })

  it('of a browser that has printed its share', async () => {
    await withPrinter({ pages: 1, printsPerBrowser: 2 }, async (printer) => {
      const seen = new Set<number>()
      for (let print = 0; print < 6; print++) {
        await printer.print(table(1))
        browsersOf(process.pid).forEach(({ pid }) => seen.add(pid))
      }
      await until(() => browsersOf(process.pid).length === 1)
      expect(seen.size).toBeGreaterThanOrEqual(3)
    })
  })
})
