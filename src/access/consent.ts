/** Consents of patients: what they permit and deny, to whom, of what. @see https://hl7.org/fhir/R4/consent.html */

import type { Span } from '../fhir/moment.ts'
import { isObject, type Instant, type Json, type JsonObject, type Resource } from '../fhir/types.ts'
import { isOfData, isOfMoment, isOfTime, mayBeOfTime, type DataRow, type Part } from './matter.ts'

export type Ruling = 'permit' | 'deny'

/** A provision, or the whole of a consent. */
export interface Rule {
  readonly type: Ruling | undefined
  readonly period: Span | undefined
  /** References and identifiers of those it is for; anybody where there are none. */
  readonly actors: readonly string[]
  /** Codes of v3-PurposeOfUse. */
  readonly purposes: readonly string[]
  /** Codes of consentaction. */
  readonly actions: readonly string[]
  readonly classes: readonly string[]
  /** `system|code`, or `|code`. */
  readonly codes: readonly string[]
  readonly labels: readonly string[]
  readonly data: readonly DataRow[]
  readonly dataPeriod: Span | undefined
  /** The exceptions to it. */
  readonly rules: readonly Rule[]
}

/** Who asks, as a consent tells people apart. */
export interface Asker {
  /** Every reference and identifier that means the caller. */
  readonly names: ReadonlySet<string>
  readonly purposes: readonly string[]
  readonly now: Instant
}

/** Scopes of consents that say nothing of who may see data. @see https://terminology.hl7.org/CodeSystem-consentscope.html */
const OTHER_SCOPES: ReadonlySet<string> = new Set(['adr', 'treatment'])
/** What the code of a policy means for what no provision names. */
const POLICIES: Readonly<Record<string, Ruling>> = {
  OPTIN: 'permit',
  OPTINR: 'permit',
  OPTOUT: 'deny',
  OPTOUTE: 'deny',
}
/** Actions that are seeing. @see https://terminology.hl7.org/CodeSystem-consentaction.html */
const SEEING: ReadonlySet<string> = new Set(['access', 'use', 'disclose'])
/** Those that are not, in which nothing is shown. */
const NO_SEEING: ReadonlySet<string> = new Set(['collect', 'correct'])
/** The purposes within a purpose. @see https://terminology.hl7.org/CodeSystem-v3-ActReason.html (version 3.1.0) */
const PURPOSES: Readonly<Record<string, string>> = {
  PurposeOfUse: 'HMARKT HOPERAT HPAYMT HRESCH PATRQT PUBHLTH TREAT',
  HOPERAT: 'CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN MEMADMIN MILCDM MLTRAINING PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN',
  HSYSADMIN: 'LABELING METAMGT',
  SYSDEV: 'HTEST',
  HPAYMT: 'CLMATTCH COVAUTH COVERAGE PMTDS REMITADV',
  COVERAGE: 'ELIGDTRM ELIGVER ENROLLM MILDCRG',
  HRESCH: 'BIORCH CLINTRCH DSRCH POARCH TRANSRCH',
  CLINTRCH: 'CLINTRCHNPC CLINTRCHPC PRECLINTRCH',
  PATRQT: 'FAMRQT PWATRNY SUPNWK',
  PUBHLTH: 'DISASTER THREAT',
  TREAT: 'CLINTRL COC ETREAT POPHLTH TREATDS',
  ETREAT: 'BTG ERTREAT',
} // prettier-ignore
const WITHIN = new Map(Object.entries(PURPOSES).flatMap(([wider, own]) => own.split(' ').map((one) => [one, wider])))

/** What stands for something that is named in no way that can be told: it may be anything. */
const UNCLEAR = '?'

/** The rule that a consent is; undefined where it is not in force, or is about something else. */
export function ruleOf(consent: Resource): Rule | undefined {
  if (consent['status'] !== 'active' || codesOf(consent['scope']).some(({ code }) => OTHER_SCOPES.has(code))) {
    return undefined
  }
  const provision = consent['provision']
  const rule = ruleIn(isObject(provision) ? provision : {})
  const [policy] = codesOf(consent['policyRule']).flatMap(({ code }) => POLICIES[code] ?? [])
  return rule.type === undefined && policy !== undefined ? { ...rule, type: policy } : rule
}

function ruleIn(provision: JsonObject): Rule {
  const { type, period, actor, purpose, action, securityLabel, data, dataPeriod, provision: inner } = provision
  return {
    type: type === 'permit' || type === 'deny' ? type : undefined,
    period: spanIn(period),
    actors: listOf(actor).flatMap(actorIn),
    purposes: named(purpose, codeIn).map(({ code }) => code),
    actions: named(action, codesOf).map(({ code }) => code),
    classes: named(provision['class'], codeIn).map(({ code }) => code),
    codes: named(provision['code'], codesOf).map(({ system, code }) => code === UNCLEAR ? code : `${system}|${code}`),
    labels: named(securityLabel, codeIn).map(({ code }) => code),
    data: listOf(data).map(dataIn),
    dataPeriod: spanIn(dataPeriod),
    rules: listOf(inner).map(ruleIn),
  } // prettier-ignore
}

/** An actor by reference or identifier; one that says nobody can be anybody, so it has a name that nobody has. */
function actorIn({ reference }: JsonObject): readonly string[] {
  if (!isObject(reference)) return [UNCLEAR]
  const { reference: literal, identifier } = reference
  const { system, value } = isObject(identifier) ? identifier : {}
  const names = [
    ...(typeof literal === 'string' ? [literal.replace(/\/_history\/[^/]*$/, '')] : []),
    ...(typeof value === 'string' ? [identifierName(value, typeof system === 'string' ? system : '')] : []),
  ]
  return names.length === 0 ? [UNCLEAR] : names
}

/** The name by which an actor is known who is told by an identifier; one without its system, which a value of any may be. */
export function identifierName(value: string, system?: string): string {
  return system === undefined ? `identifier ${value}` : `identifier ${system}|${value}`
}

/** The same of any system: enough to deny somebody something, not to permit it. */
function looselyNamed(name: string): string {
  return name.replace(/^identifier [^|]*\|/, 'identifier ')
}

function dataIn({ meaning, reference }: JsonObject): DataRow {
  const literal = isObject(reference) ? reference['reference'] : undefined
  return {
    meaning: typeof meaning === 'string' ? meaning : 'instance',
    reference: typeof literal === 'string' ? literal : UNCLEAR,
  }
}

interface Code {
  readonly system: string
  readonly code: string
}

/** The codes of a list; an item that has none, but a text, is one that nobody can tell. */
function named(value: Json | undefined, codes: (item: JsonObject) => readonly Code[]): readonly Code[] {
  return listOf(value).flatMap((item) => {
    const own = codes(item)
    return own.length === 0 ? [{ system: '', code: UNCLEAR }] : own
  })
}

function codeIn({ system, code }: JsonObject): readonly Code[] {
  return typeof code === 'string' ? [{ system: typeof system === 'string' ? system : '', code }] : []
}

function codesOf(concept: Json | undefined): readonly Code[] {
  return isObject(concept) ? listOf(concept['coding']).flatMap(codeIn) : []
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}

function spanIn(period: Json | undefined): Span | undefined {
  if (!isObject(period)) return undefined
  const { start, end } = period
  return { ...(typeof start === 'string' && { start }), ...(typeof end === 'string' && { end }) }
}

/**
 * What is left of a rule for somebody who asks: what does not concern them, or not now, is gone; undefined where nothing
 * is left. Somebody who states no purpose asks for treatment.
 */
export function ruleFor(rule: Rule, asker: Asker): Rule | undefined {
  const { type, period, actors, purposes, actions } = rule
  if (period !== undefined && !isOfMoment(period, asker.now)) return undefined
  const isActor = (name: string): boolean => asker.names.has(type === 'permit' ? name : looselyNamed(name))
  if (actors.length > 0 && !actors.some(isActor)) return undefined
  const own = purposesOf(asker)
  if (!isMet(purposes, type, (purpose) => own.includes(purpose))) return undefined
  const isSeeing = (action: string): boolean => (type === 'permit' ? SEEING.has(action) : !NO_SEEING.has(action))
  if (!isMet(actions, type, isSeeing)) return undefined
  return { ...rule, rules: rule.rules.flatMap((one) => ruleFor(one, asker) ?? []) }
}

/** Whether one of what a rule names is met; what cannot be told is for one that denies, and not for one that permits. */
function isMet(named: readonly string[], type: Rule['type'], isOne: (name: string) => boolean): boolean {
  return named.length === 0 || named.some((name) => (name === UNCLEAR ? type !== 'permit' : isOne(name)))
}

function purposesOf({ purposes }: Asker): readonly string[] {
  const stated = purposes.length === 0 ? ['TREAT'] : purposes
  const wider = (purpose: string): readonly string[] => {
    const next = WITHIN.get(purpose)
    return next === undefined ? [purpose] : [purpose, ...wider(next)]
  }
  return stated.flatMap(wider)
}

/** What a rule that is left says of some part of a record; undefined where it says nothing of it. */
export function rulingOf(rule: Rule, part: Part): Ruling | undefined {
  if (!isAbout(rule, part)) return undefined
  const exceptions = rule.rules.map((one) => rulingOf(one, part))
  return joined(exceptions) ?? rule.type
}

/** Deny wins. */
export function joined(rulings: readonly (Ruling | undefined)[]): Ruling | undefined {
  if (rulings.includes('deny')) return 'deny'
  return rulings.includes('permit') ? 'permit' : undefined
}

function isAbout({ type, classes, codes, labels, data, dataPeriod }: Rule, part: Part): boolean {
  const { types, codes: own, kinds } = part
  if (!isMet(classes, type, (code) => types.has(lastOf(code)) || kinds().has(`|${code}`))) return false
  if (!isMet(codes, type, (code) => own().has(code))) return false
  if (!isMet(labels, type, (label) => part.labels.includes(label))) return false
  const isOne = (row: DataRow): boolean => (row.reference === UNCLEAR ? type !== 'permit' : isOfData(row, part))
  if (data.length > 0 && !data.some(isOne)) return false
  if (dataPeriod === undefined) return true
  // what may be of that time, or partly is: enough to deny it, not to permit it
  return type === 'permit' ? isOfTime(part, dataPeriod) : mayBeOfTime(part, dataPeriod)
}

/** The class of a profile is named by its URL, that of a type by its name. */
function lastOf(code: string): string {
  return code.slice(code.lastIndexOf('/') + 1)
}

/** What rules say of everything alike; `by part` where it depends on what is asked for. */
export function uniform(rules: readonly Rule[]): Ruling | undefined | 'by part' {
  const each = rules.map(uniformRule)
  if (each.includes('deny')) return 'deny'
  if (each.includes('by part')) return 'by part'
  return each.includes('permit') ? 'permit' : undefined
}

function uniformRule({ type, classes, codes, labels, data, dataPeriod, rules }: Rule): ReturnType<typeof uniform> {
  if (classes.length + codes.length + labels.length + data.length > 0 || dataPeriod !== undefined) return 'by part'
  const exceptions = uniform(rules)
  return exceptions === undefined ? type : exceptions
}
