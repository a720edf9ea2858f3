/** What a reader must see before anything else, as a table. */

import type { Document } from './document.ts'
import { own } from './locale.ts'
import { unknownModifiers } from './modifiers.ts'
import { findTarget, wordingFor } from './refer.ts'
import { objects, plainText, wordOf } from './wording.ts'

export interface Banner {
  readonly tone: 'error' | 'warning' | 'notice'
  readonly text: string
}

type BannerRow = (document: Document) => readonly Banner[]

/** By status; a final document has none. */
const STATUS: Readonly<Record<string, Banner['tone']>> = {
  'entered-in-error': 'error',
  cancelled: 'error',
  deprecated: 'error',
  preliminary: 'warning',
  registered: 'warning',
  partial: 'warning',
  unknown: 'warning',
  amended: 'notice',
  corrected: 'notice',
  appended: 'notice',
}

const status: BannerRow = ({ composition, reader }) => {
  const code = plainText(composition.status)
  const tone = own(STATUS, code)
  if (code === 'final') return []
  const { phrase } = reader.parts
  return tone === undefined
    ? [{ tone: 'warning', text: phrase('status.text.unknown') }]
    : [{ tone, text: phrase(`status.text.${code}`) }]
}

/** Codes of v3-Confidentiality above normal. @see http://terminology.hl7.org/CodeSystem/v3-Confidentiality */
const CONFIDENTIAL = new Set(['R', 'V'])

/** Composition.confidentiality and the Composition's own labels: those of the Bundle are not under a signature (H-5). */
const confidentiality: BannerRow = ({ composition, reader }) => {
  const labels = objects(composition.meta?.security).map(({ code }) => plainText(code))
  const codes = [...new Set([plainText(composition.confidentiality), ...labels])].filter((code) =>
    CONFIDENTIAL.has(code),
  )
  const { phrase } = reader.parts
  return codes.map((code) => ({
    tone: 'notice',
    text: phrase('banner.confidential', { level: wordOf('confidentiality', code, reader.parts) }),
  }))
}

const unknownModifier: BannerRow = ({ composition, subjects, reader }) => {
  const { phrase } = reader.parts
  const rows = [
    ...unknownModifiers({ ...composition, contained: [] }, 'Composition').map(({ url }) =>
      phrase('modifier.document', { url }),
    ),
    ...subjects
      .flatMap(({ resource }) => unknownModifiers(resource, resource.resourceType))
      .map(({ url }) => phrase('modifier.subject', { url })),
  ]
  return [...new Set(rows)].map((text) => ({ tone: 'error', text }))
}

/** A subject that the document does not hold, or that only its type and id tell. */
const subject: BannerRow = ({ composition, holder, reader }) => {
  const { phrase } = reader.parts
  const references = objects(composition.subject)
  if (references.length === 0) return [{ tone: 'warning', text: phrase('banner.no-subject') }]
  return references.flatMap((reference): readonly Banner[] => {
    const target = findTarget(reader.index, reference, holder)
    const words = wordingFor(reader, holder, 9).refer(reference)
    if (typeof target === 'string')
      return [{ tone: 'error', text: phrase('banner.subject-missing', { subject: words }) }]
    return target.by === 'rule'
      ? []
      : [{ tone: 'warning', text: phrase(`banner.subject-by.${target.by}`, { subject: words }) }]
  })
}

/** A subject's record that is no longer in use, or was replaced (H-1). */
const retired: BannerRow = ({ subjects, reader }) =>
  subjects
    .filter(
      ({ resource }) =>
        resource['active'] === false || objects(resource['link']).some(({ type }) => type === 'replaced-by'),
    )
    .map(() => ({ tone: 'error', text: reader.parts.phrase('banner.subject-retired') }))

const BANNERS: readonly BannerRow[] = [status, unknownModifier, subject, retired, confidentiality]

/** The banners of a document, the gravest kind of statement first. */
export function banners(document: Document): readonly Banner[] {
  return BANNERS.flatMap((row) => row(document))
}
