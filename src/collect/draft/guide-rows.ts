/** A guide read from JSON: its rows as they must be, or every place where they are not. */

import { FhirError } from '../../fhir/error.ts'
import type { Issue } from '../../fhir/issue.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import type { GuideRow } from './guide.ts'
import { REASONS } from './reason.ts'

/** What a member must be: nothing, or what was expected in its place. */
type Check = (value: Json, place: string, issues: Issue[]) => void
type Members = Readonly<Record<string, Check>>

/** Members whose names end so may be absent. */
const OPTIONAL = '?'

function expected(what: string, isOne: (value: Json) => boolean): Check {
  return (value, place, issues) => {
    if (isOne(value)) return
    const text = `The guide has something else at ${place}, expected ${what}`
    issues.push({ severity: 'error', code: 'invalid', text, expression: place })
  }
}

const text = expected('a text', (value) => typeof value === 'string' && value !== '')
const code = (...words: readonly string[]): Check =>
  expected(words.join(' | '), (value) => words.some((word) => word === value))
const yes = expected('true or nothing', (value) => value === true)
const whole = expected('a whole number', (value) => Number.isInteger(value) && Number(value) >= 0)
const canonical = expected(
  'a canonical URL without version',
  (value) => typeof value === 'string' && /^[a-z][\w+.-]*:[^\s|]+$/i.test(value),
)
const name = expected(
  'a name of letters, digits, dots and hyphens',
  (value) => typeof value === 'string' && /^[a-z0-9][a-z0-9.-]{0,63}$/i.test(value),
)
const words = expected(
  'texts by language with one for en',
  (value) =>
    isObject(value) && typeof value['en'] === 'string' && Object.values(value).every((one) => typeof one === 'string'),
)
const coding = expected(
  'a coding with system and code',
  (value) => isObject(value) && typeof value['system'] === 'string' && typeof value['code'] === 'string',
)
const resource = expected('a resource', (value) => isObject(value) && typeof value['resourceType'] === 'string')

function listOf(check: Check): Check {
  return (value, place, issues) => {
    if (!Array.isArray(value)) return expected('a list', () => false)(value, place, issues)
    for (const [at, one] of (value as readonly Json[]).entries()) check(one, `${place}[${at}]`, issues)
  }
}

/** An object with these members and no others. */
function having(members: Members): Check {
  const names = new Map(
    Object.entries(members).map(([key, check]) => [
      key.replace(OPTIONAL, ''),
      { check, isOptional: key.endsWith(OPTIONAL) },
    ]),
  )
  return (value, place, issues) => {
    if (!isObject(value)) return expected('an object', () => false)(value, place, issues)
    for (const key of Object.keys(value))
      if (!names.has(key)) expected(`one of ${[...names.keys()].join(', ')}`, () => false)(key, within(place, key), issues) // prettier-ignore
    for (const [key, { check, isOptional }] of names) {
      const member = value[key]
      if (member !== undefined) check(member, within(place, key), issues)
      else if (!isOptional) expected('a value', () => false)(null, within(place, key), issues)
    }
  }
}

function within(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`
}

const exceptions = listOf(having({ when: text, reason: text, 'code?': code(...Object.keys(REASONS)) }))
const empties = code('emptyReason', 'absent-unknown')

const order: Check = (value, place, issues) => {
  const own = isObject(value) ? value : {}
  if ('date' in own) having({ date: code('newest', 'oldest') })(value, place, issues)
  else if ('diagnosis' in own) having({ diagnosis: code('rank') })(value, place, issues)
  else having({ path: text, 'ranks?': listOf(expected('a text', (one) => typeof one === 'string')) })(value, place, issues)
} // prettier-ignore

const entry = having({
  type: text,
  'where?': text,
  'except?': exceptions,
  'scope?': text,
  'also?': yes,
  'members?': text,
  'as?': code('DeviceUseStatement'),
})

const section = having({
  code: coding,
  title: words,
  'required?': yes,
  entries: listOf(entry),
  'within?': text,
  'order?': listOf(order),
  'window?': having({ 'months?': whole, 'count?': whole, 'latestOf?': text }),
  'whenEmpty?': having({
    reason: code('unavailable', 'notasked', 'notstarted'),
    text: words,
    'absent?': resource,
    'none?': resource,
  }),
  'lists?': listOf(text),
  'statesNone?': text,
})

const guide = having({
  name,
  package: text,
  version: text,
  operation: code('summary', 'discharge-report'),
  composition: canonical,
  'bundle?': canonical,
  'namesBundle?': yes,
  title: words,
  type: coding,
  'category?': listOf(coding),
  'emptySections?': empties,
  profiles: listOf(having({ type: text, profile: canonical, 'where?': text, 'requires?': listOf(text) })),
  'codes?': listOf(having({ system: text, code: text, as: text })),
  except: exceptions,
  sections: listOf(section),
})

/** The row that a JSON value is. @throws FhirError `invalid` with an issue for each place that is not as it must be */
export function guideFrom(value: Json, file: string): GuideRow {
  const issues: Issue[] = []
  guide(value, '', issues)
  const codes = isObject(value) ? sectionCodes(value) : []
  for (const [at, own] of codes.entries())
    if (codes.indexOf(own) !== at)
      expected('a code that no other section has', () => false)(own, `sections[${at}].code`, issues)
  const [first, ...others] = issues.map((issue) => ({ ...issue, text: `${issue.text}, in ${file}` }))
  if (first !== undefined) throw new FhirError([first, ...others])
  return value as unknown as GuideRow
}

function sectionCodes({ sections }: JsonObject): readonly string[] {
  const list = Array.isArray(sections) ? (sections as readonly Json[]).filter(isObject) : []
  return list.map(({ code: own }) => (isObject(own) && typeof own['code'] === 'string' ? own['code'] : ''))
}
