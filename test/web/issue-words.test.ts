/** What is found against a document is told in the reader's words: each rule of ours has its kind, each kind its phrase. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readerOf } from '../../src/pages.ts'
import { ISSUE_WORDS, issueKey, issueViews } from '../../src/web/issue-words.ts'
import { openDesign } from '../design.ts'

const design = await openDesign()
const { locales } = design.render.templates.web
const own = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8').split('\n## ')[1] ?? ''
const rules = Array.from(own.matchAll(/^\| \[([^\]]+)\]/gm), ([, id = '']) => id)

describe('the kinds of rules', () => {
  const named = Object.values(ISSUE_WORDS).flat()

  it('have every rule of the house, each once', () => {
    expect(rules.length).toBeGreaterThan(70)
    expect(rules.filter((rule) => !named.includes(rule))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
  })

  it('have a phrase in every language', () => {
    const keys = [...Object.values(ISSUE_WORDS).map(([rule]) => issueKey(rule)), issueKey(undefined)]
    for (const { language, phrases } of Object.values(locales))
      expect(keys.filter((key) => !(key in phrases)), language).toEqual([]) // prettier-ignore
  })
})

describe('issueViews', () => {
  const reader = readerOf({ chosen: 'de' }, design)
  const issue = (rule: string, text: string, severity: 'error' | 'warning' = 'warning') =>
    ({ severity, code: 'value', text, rule }) as const

  it('tells issues of one kind once, with the sentences of the rules below', () => {
    const views = issueViews(
      [issue('code-known', 'one'), issue('ips-1', 'two'), issue('display-known', 'three')],
      reader,
    )
    expect(views.map(({ details }) => details.map(({ text }) => text))).toEqual([['one', 'three'], ['two']])
    expect(views[0]?.phrase).toBe(locales['de']?.phrases['web.issue.code'])
  })

  it('tells issues of several places apart, each with its place', () => {
    const views = issueViews([issue('cmp-1', 'one'), issue('cmp-1', 'two')], reader, ({ text }) => text.toUpperCase())
    expect(views.map(({ place, phrase }) => [place, phrase])).toEqual([
      ['ONE', 'Dieser Abschnitt hat noch keinen Text.'],
      ['TWO', 'Dieser Abschnitt hat noch keinen Text.'],
    ])
  })

  it('never tells an error with a warning', () => {
    const views = issueViews([issue('code-known', 'one'), issue('code-known', 'two', 'error')], reader)
    expect(views.map(({ severity }) => severity)).toEqual(['warning', 'error'])
  })
})
