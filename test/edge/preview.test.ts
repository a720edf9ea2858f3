/** The preview serves the page as it is now, tells its listeners of changes, and answers nobody from elsewhere. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startPreview, type Preview } from '../../src/edge/preview.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function started(page: () => Promise<string>): Promise<{ preview: Preview; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'preview-'))
  const preview = await startPreview({
    page,
    watched: [{ folder, file: 'a.json' }],
    told: (thrown) => `told ${String(thrown)}`,
  })
  closing.push(
    () => preview.close(),
    () => rm(folder, { recursive: true }),
  )
  return { preview, folder }
}

it('gives the page anew each time, and in its place what went wrong', async () => {
  let count = 0
  const { preview } = await started(() =>
    ++count < 3 ? Promise.resolve(`<p>${count}</p>`) : Promise.reject(new Error('no')),
  )
  const texts = []
  for (let index = 0; index < 3; index++) texts.push(await (await fetch(`${preview.url}page`)).text())
  expect(texts).toEqual(['<p>1</p>', '<p>2</p>', 'told Error: no'])
  expect(await (await fetch(preview.url)).text()).toContain('<iframe src="/page"')
  expect((await fetch(`${preview.url}other`)).status).toBe(404)
})

it('tells of a change of the file, and of no other', async () => {
  const { preview, folder } = await started(() => Promise.resolve(''))
  const { body } = await fetch(`${preview.url}events`)
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe(': here\n\n')
  await writeFile(join(folder, 'b.json'), '1')
  await writeFile(join(folder, 'a.json'), '1')
  expect((await reader?.read())?.value).toBe('data: changed\n\n')
  await reader?.cancel()
})

it('refuses a request for another host', async () => {
  const { preview } = await started(() => Promise.resolve(''))
  const status = await new Promise((resolve) => {
    request(`${preview.url}page`, { headers: { Host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode)).end()
  })
  expect(status).toBe(403)
})
