/** A draft shown again costs no second layout, and is never shown as it was once the record has changed. */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { visitor, type Visitor } from './local-service.ts'
import { begun, textOf } from './web/draft/desk-forms.ts'
import { exampleRecord, openDesk, type Desk } from './web/draft/desk-service.ts'

let desk: Desk
let browser: Visitor
let draft = ''

beforeAll(async () => {
  desk = await openDesk()
  browser = visitor(desk.url)
  draft = await begun(browser)
}, 120_000)
afterAll(() => desk?.close())

/** How often each stage of a draft was worked through while a page was asked for. */
async function stagesOf(path: string): Promise<Readonly<Record<string, number>>> {
  const before = desk.worked()
  await textOf(browser, path)
  const after = desk.worked()
  return Object.fromEntries(['collect', 'check'].map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]))
}

it('collects a draft each time that it is shown, and checks it once', async () => {
  // begun a moment ago: what it was begun with is what is shown
  expect(await stagesOf(draft)).toEqual({ collect: 1, check: 0 })
  expect(await stagesOf(draft)).toEqual({ collect: 1, check: 0 })
})

it('shows what the record has now, in every part of the page', async () => {
  const known = exampleRecord().find(({ id }) => id === 'penicillin')
  const resource = { ...known, code: { text: 'Wasp venom' } }
  expect(await textOf(browser, draft)).not.toContain('Wasp venom')
  const headers = { 'Content-Type': 'application/fhir+json' }
  const url = `${desk.url}/fhir/AllergyIntolerance/penicillin`
  expect((await fetch(url, { method: 'PUT', headers, body: JSON.stringify(resource) })).status).toBe(200)
  expect(await stagesOf(draft)).toEqual({ collect: 1, check: 1 })
  const page = await textOf(browser, draft)
  const [generated = '', ...choices] = page.split('Wasp venom').slice(1)
  expect([generated.length > 0, choices.length > 0]).toEqual([true, true])
  expect(await stagesOf(draft)).toEqual({ collect: 1, check: 0 })
})
