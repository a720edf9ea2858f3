/** The head of the page: what the document is, whom it is about, who answers for it. */

import type { Model } from '../fhir/model.ts'
import type { Json, JsonObject, Reference, Resource } from '../fhir/types.ts'
import { subjectId } from './anchors.ts'
import { banners, type Banner } from './banners.ts'
import type { Document } from './document.ts'
import { currentName, nameText } from './format-person.ts'
import { own } from './locale.ts'
import { modifierNames } from './modifiers.ts'
import { alerts, findTarget, summary, wordingFor, type Target } from './refer.ts'
import { headingBeside } from './translation.ts'
import { codeWord, joined, labelOf, many, objects, plainText, shown, wordOf, type Wording } from './wording.ts'

export interface Fact {
  readonly label: string
  readonly lines: readonly Line[]
}

export interface Line {
  readonly text: string
  /** Smaller, below it. */
  readonly notes?: readonly string[]
}

export interface SubjectView {
  readonly id: string
  readonly name: string
  readonly facts: readonly Fact[]
}

export interface HeaderView {
  readonly type: string
  readonly title: string
  /** The title in the reader's language, where the document is in another. */
  readonly beside?: string
  readonly status: { readonly text: string; readonly tone: Tone }
  readonly banners: readonly Banner[]
  readonly subjects: readonly SubjectView[]
  readonly facts: readonly Fact[]
}

export type Tone = 'final' | 'draft' | 'changed' | 'error'

/** How a Composition's status looks; R4 and R5. @see https://hl7.org/fhir/R5/valueset-composition-status.html */
const TONES: Readonly<Record<string, Tone>> = {
  final: 'final',
  amended: 'changed',
  corrected: 'changed',
  appended: 'changed',
  'entered-in-error': 'error',
  cancelled: 'error',
  deprecated: 'error',
}

/** A status that nobody knows is no final one. */
export function toneOf(status: string): Tone {
  return own(TONES, status) ?? 'draft'
}

/** The head of a document. */
export function header(document: Document): HeaderView {
  const { composition, holder, reader } = document
  const wording = wordingFor(reader, holder)
  const status = plainText(composition.status)
  const type = shown(composition, 'Composition', 'type', wording)
  const title = plainText(composition.title) || type || wording.phrase('document.untitled')
  const titled = { title, beside: composition['_title'], code: composition['type'] as Json }
  const beside = wording.isBeside === true ? headingBeside(titled, wording.locale) : undefined
  return {
    type: type === title ? '' : type,
    title,
    ...(beside !== undefined && { beside }),
    status: { text: codeWord(status, wording.locale) || wording.phrase('status.missing'), tone: toneOf(status) },
    banners: banners(document),
    subjects: document.subjects.map((subject, index) => ({ id: subjectId(index), ...subjectView(subject, document) })),
    facts: documentFacts(document, wording),
  }
}

/** Elements of a Patient in the head; its modifiers are added to them. */
const PATIENT = ['birthDate', 'gender', 'identifier', 'address', 'telecom'] as const

/** All elements of a subject that the head tells. */
export function toldOf({ resourceType }: Resource, model: Model): readonly string[] {
  return resourceType === 'Patient' ? ['name', ...PATIENT, ...modifierNames('Patient', model)] : []
}

function subjectView(subject: Target, document: Document): Omit<SubjectView, 'id'> {
  const { resource, holder } = subject
  const wording = wordingFor(document.reader, holder, 1)
  if (resource.resourceType !== 'Patient') {
    const facts = [fact(labelOf('', resource.resourceType, wording), alerts(resource, wording))]
    return { name: summary(resource, wording), facts: facts.filter(({ lines }) => lines.length > 0) }
  }
  const names = objects(resource['name'])
  const current = currentName(names)
  const elements = [...PATIENT, ...modifierNames('Patient', wording.model)]
  const others = names.filter((name) => name !== current).map((name) => wording.show(name, 'HumanName'))
  const use = current === undefined ? '' : shown(current, 'HumanName', 'use', wording)
  return {
    name: current === undefined ? summary(resource, wording) : nameText(current, wording.content),
    facts: [
      fact(wording.phrase('patient.name-use'), [use]),
      fact(wording.phrase('patient.other-names'), others),
      ...elements.map((name) => fact(labelOf('Patient', name, wording), elementLines(resource, name, wording))),
    ].filter(({ lines }) => lines.length > 0),
  }
}

function elementLines(resource: Target['resource'], name: string, wording: Wording): readonly string[] {
  const { resourceType } = resource
  if (!Array.isArray(resource[name])) return [shown(resource, resourceType, name, wording)]
  return many(resource[name]).map((item) => shown({ [name]: [item] }, resourceType, name, wording))
}

function fact(label: string, lines: readonly (string | Line | undefined)[]): Fact {
  const views = lines
    .filter((line) => line !== undefined)
    .map((line) => (typeof line === 'string' ? { text: line } : line))
  return { label, lines: views.filter(({ text }) => text !== '') }
}

function documentFacts(document: Document, wording: Wording): readonly Fact[] {
  const { bundle, composition } = document
  const { phrase } = wording
  const part = (name: string): string => shown(composition, 'Composition', name, wording)
  const people = (references: unknown): readonly string[] =>
    objects(references as JsonObject[]).map((one) => wording.refer(one))
  const attesters = objects(composition.attester)
  return [
    fact(phrase('document.identifier'), [wording.show(bundle.identifier, 'Identifier')]),
    fact(phrase('document.set'), [part('identifier')]),
    fact(phrase('document.version'), [part('version'), versionOf(composition, wording)]),
    fact(phrase('document.date'), [part('date')]),
    fact(phrase('document.timestamp'), [wording.show(bundle.timestamp, 'instant')]),
    fact(phrase('document.author'), people(composition.author)),
    fact(
      phrase('document.attester'),
      attesters.length > 0 ? attesters.map((one) => attester(one, wording)) : [phrase('document.no-attester')],
    ),
    fact(phrase('document.custodian'), people(composition.custodian)),
    fact(phrase('document.encounter'), [encounter(objects(composition.encounter)[0], document, wording)]),
    fact(
      phrase('document.event'),
      objects(composition.event).map((one) => wording.show(one, 'Composition.event')),
    ),
    fact(
      phrase('document.relates-to'),
      objects(composition.relatesTo).map((one) => relation(one, wording)),
    ),
    fact(phrase('document.category'), [part('category')]),
    fact(phrase('document.confidentiality'), [confidentiality(document, wording)]),
    fact(phrase('document.language'), [plainText(composition.language)]),
    fact(phrase('document.signature'), [signature(document, wording)]),
  ].filter(({ lines }) => lines.length > 0)
}

const VERSION = 'http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber'

/** @see https://hl7.org/fhir/R4/extension-composition-clinicaldocument-versionnumber.html */
function versionOf({ extension }: JsonObject, wording: Wording): string {
  const number = objects(extension).find(({ url }) => url === VERSION)
  return number === undefined ? '' : wording.show(number['valueString'] ?? number['valueInteger'], 'string')
}

function attester(value: JsonObject, wording: Wording): Line {
  const part = (name: string): string => shown(value, 'Composition.attester', name, wording)
  const party = part('party') || wording.phrase('document.unnamed')
  return { text: party, notes: [joined([part('mode'), part('time')])].filter(Boolean) }
}

function encounter(reference: Reference | undefined, { reader, holder }: Document, wording: Wording): Line | undefined {
  if (reference === undefined) return undefined
  const target = findTarget(reader.index, reference, holder)
  if (typeof target === 'string' || target.resource.resourceType !== 'Encounter')
    return { text: wording.refer(reference) }
  const { resource } = target
  const own = wordingFor(reader, target.holder, 1)
  const notes = ['status', 'location', 'serviceProvider', 'reasonCode'].map((name) =>
    shown(resource, 'Encounter', name, own),
  )
  return { text: summary(resource, own), notes: notes.filter(Boolean) }
}

function relation(value: JsonObject, wording: Wording): string {
  const type = 'Composition.relatesTo'
  const [code, target] = [shown(value, type, 'code', wording), shown(value, type, 'target', wording)]
  return target === '' ? wording.show(value, type) : wording.phrase('labelled', { label: code, value: target })
}

/** Labels of the Composition alone: those of the Bundle are not under a signature (H-5). */
function confidentiality({ composition }: Document, wording: Wording): string {
  const code = plainText(composition.confidentiality)
  const level = code === '' ? '' : wordOf('confidentiality', code, wording)
  const labels = objects(composition.meta?.security).map((label) => wording.show(label, 'Coding'))
  return joined([level, ...labels])
}

const VERIFICATION = '1.2.840.10065.1.12.1.5'

/** What a signature states of itself; that nothing of it is verified here is part of the sentence. */
function signature({ bundle, reader, holder }: Document, wording: Wording): string {
  const [value] = objects(bundle.signature)
  if (value === undefined) return ''
  const [who] = objects(value['who']) as readonly Reference[]
  const signer = who === undefined ? 'no-reference' : findTarget(reader.index, who, holder)
  const isVerification = objects(value['type']).some(({ code }) => code === VERIFICATION)
  const isSeal = typeof signer === 'string' ? isVerification : SEALING.has(signer.resource.resourceType)
  const name = who === undefined ? wording.phrase('document.unnamed') : wording.refer(who)
  const when = wording.show(value['when'], 'instant') || wording.phrase('document.undated')
  return wording.phrase(isSeal ? 'signature.seal' : 'signature.stated', { who: name, when })
}

/** What seals, and never signs as a person does (H-4). */
const SEALING = new Set(['Organization', 'Device'])
