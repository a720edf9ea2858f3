/** Each control is where the table says, and each planted failure is a test that exists. */

import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { hazards, hazardTable, toCome } from './hazards.ts'

const root = new URL('..', import.meta.url).pathname

it.each(hazards)('$id has its files and its planted failures', ({ where, planted }) => {
  expect(where.filter((file) => !existsSync(root + file))).toEqual([])
  expect(planted.length).toBeGreaterThan(0)
  expect(planted.filter(([file, name]) => !isTested(file, name))).toEqual([])
})

/** Rules are tested by one loop over their fixtures. */
function isTested(file: string, name: string): boolean {
  if (file === 'test/check/rules.test.ts') return existsSync(`${root}fixtures/rules/${name}`)
  return existsSync(root + file) && readFileSync(root + file, 'utf8').includes(name)
}

it('all eighteen are named once', () => {
  const ids = [...hazards.map(({ id }) => id), ...toCome.map(([id]) => id)]
  expect(ids.toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2)))).toEqual(
    Array.from({ length: 18 }, (_, index) => `H-${index + 1}`),
  )
})

it('docs/hazards.md is written from the table', async () => {
  await expect(hazardTable()).toMatchFileSnapshot('../docs/hazards.md')
})
