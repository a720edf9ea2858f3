/** Every rule has fixtures that keep it and fixtures that break it, and docs/rules.md says what the tables say. */

import { describe, expect, it } from 'vitest'
import { check, compileChecks } from '../../src/check/check.ts'
import { errata } from '../../src/check/errata.ts'
import { exceptions } from '../../src/check/patient-exceptions.ts'
import { PROFILE_RULES } from '../../src/check/profile/rules.ts'
import type { Rule } from '../../src/check/rule.ts'
import { ownRules } from '../../src/check/rules.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { base, fixtures } from './fixtures.ts'

const definitions = await loadDefinitions()
const checks = compileChecks(definitions)

/** The published rules about what every document is made of. */
const EVERYWHERE = new Set([
  'Bundle',
  'Bundle.entry',
  'Composition.section',
  'Element',
  'Extension',
  'Reference',
  'Attachment',
  'Period',
  'ContactPoint',
])
const needed: readonly string[] = [
  ...ownRules.map(({ id }) => id),
  ...checks.rules
    .filter((rule) => 'at' in rule && (rule.at.some((place) => EVERYWHERE.has(place)) || rule.id.startsWith('dom-')))
    .map(({ id }) => id),
]

it('the base document keeps every rule', () => {
  expect(check(base, checks)).toEqual([])
})

it('no id is used twice among our rules, and none is a published one', () => {
  const ids = ownRules.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  const published = new Set(checks.rules.slice(ownRules.length).map(({ id }) => id))
  expect(ids.filter((id) => published.has(id))).toEqual([])
})

describe('each rule has fixtures of both kinds', () => {
  it.each([...new Set(needed)])('%s', (id) => {
    const kinds = new Set(fixtures.filter(({ rule }) => rule === id).map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(['breaks', 'keeps'])
  })

  it('and each fixture has a rule', () => {
    const ids = new Set(checks.rules.map(({ id }) => id))
    expect(fixtures.filter(({ rule }) => !ids.has(rule)).map(({ rule, name }) => `${rule}/${name}`)).toEqual([])
  })
})

describe('the fixtures keep and break their rules', () => {
  it.each(fixtures.map((fixture) => ({ ...fixture, title: `${fixture.rule} ${fixture.name}` })))(
    '$title',
    ({ rule, kind, bundle, expressions }) => {
      const found = check(bundle, checks).filter((issue) => issue.rule === rule)
      if (kind === 'keeps') {
        expect(found).toEqual([])
        return
      }
      expect(found.length).toBeGreaterThan(0)
      if (expressions !== undefined)
        expect([...new Set(found.map(({ expression }) => expression))].sort()).toEqual([...expressions].sort())
      for (const issue of found) {
        expect(issue.source).toMatch(/^https:\/\//)
        expect(issue.text).not.toMatch(/\.$|undefined|\[object/)
      }
    },
  )
})

it('docs/rules.md says what the tables say', async () => {
  await expect(document()).toMatchFileSnapshot('../../docs/rules.md')
})

function document(): string {
  return [
    '# Rules',
    '',
    'Written from the tables in `src/check` by `npm run golden`. A rule with the scope *document* stops a document wherever it is broken; one with the scope *resource* does so in the Bundle itself and its Composition only, elsewhere its issues come with the document; one with the scope *none* stops nothing. A deployment may change each severity by the id of the rule, or turn the rule off.',
    '',
    '## Ours',
    '',
    ...table(['Rule', 'Severity', 'Code', 'Scope', 'What must hold'], ownRules.map(ownRow)),
    '',
    '## Published',
    '',
    'Read from the R4 definitions when the project is built, and evaluated as FHIRPath; what must hold stands on the page linked.',
    '',
    ...table(['Rule', 'Severity', 'At'], checks.rules.slice(ownRules.length).map(publishedRow)),
    '',
    '## Of profiles',
    '',
    'What profiles ask beside their own constraints, which keep their keys. A fault of this kind stops a document only where any error does.',
    '',
    ...table(['Rule', 'Severity', 'Code', 'What must hold'], Object.entries(PROFILE_RULES).map(profileRow)),
    '',
    '## Corrections of published rules',
    '',
    'A correction applies while the published text is exactly the one that it corrects.',
    '',
    ...table(
      ['Rule', 'Why', 'Evaluated instead'],
      errata.map(({ id, reason, corrected, source }) => [`[${id}](${source})`, reason, `\`${corrected}\``]),
    ),
    '',
    '## Patients who are not the subject',
    '',
    'Why another patient may be in a document; data about that patient may be in it too only where the last column says so.',
    '',
    ...table(
      ['Exception', 'What is said', 'With data'],
      exceptions.map(({ id, text, carries, source }) => [`[${id}](${source})`, text, carries ? 'yes' : 'no']),
    ),
    '',
  ].join('\n')
}

function profileRow([id, { severity, code, human, source }]: readonly [
  string,
  (typeof PROFILE_RULES)[keyof typeof PROFILE_RULES],
]): readonly string[] {
  return [`[${id}](${source})`, severity, code, human]
}

function ownRow({ id, severity, code, scope, blocks, human, source }: Rule): readonly string[] {
  return [`[${id}](${source})`, severity, code, blocks === false ? 'none' : scope, human]
}

function publishedRow(rule: Rule): readonly string[] {
  const at = 'at' in rule ? rule.at : []
  const where = at.length > 3 ? `${at.slice(0, 2).join(', ')} and ${at.length - 2} more` : at.join(', ')
  return [`[${rule.id}](${rule.source})`, rule.severity, where]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}
