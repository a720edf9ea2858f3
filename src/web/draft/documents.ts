/** Finished documents as the pages of drafts work with them: which one, what may be done with it, its other versions. */

import { fail } from '../../fhir/error.ts'
import { isComposition, type Bundle, type Composition } from '../../fhir/types.ts'
import { bundleIn, currentOf } from '../../http/operations/stored.ts'
import { modelOf, type Call, type Service } from '../../http/route.ts'
import type { Reader } from '../../pages.ts'
import type { Original, StoreReader, Version } from '../../ports.ts'
import { escaped, everyMatch } from '../../matches.ts'
import { HOME, mayDo } from '../page.ts'
import { relative } from './engine.ts'

export interface StoredBundle {
  readonly version: Version
  readonly original: Original
  /** Read from the bytes as received. */
  readonly bundle: Bundle
  readonly composition: Composition
}

/** A stored document by the id of its Bundle. @throws FhirError `not-found`, `deleted`, `value` where it is no document */
export async function storedBundle(
  reader: StoreReader,
  id: string,
  service: Pick<Service, 'design'>,
): Promise<StoredBundle> {
  const version = await currentOf(reader, 'Bundle', id)
  const original = await reader.original({ type: 'Bundle', id })
  if (original === undefined)
    throw fail('value', 'The Bundle is no document, expected one that starts with a Composition')
  const bundle = bundleIn(original, modelOf(service))
  return { version, original, bundle, composition: compositionIn(bundle) }
}

function compositionIn({ entry = [] }: Bundle): Composition {
  const composition = entry[0]?.resource
  if (isComposition(composition)) return composition
  throw fail('value', 'The Bundle is no document, expected one that starts with a Composition')
}

/** Where the page of a document is. */
export function documentPath(id: string): string {
  return `${HOME}/document/${id}`
}

/** What the heading of a page says of a document: its title and its date. */
export function documentTitle(
  { bundle, composition }: Pick<StoredBundle, 'bundle' | 'composition'>,
  { show, phrase }: Reader,
): string {
  const title = typeof composition.title === 'string' ? composition.title : phrase('web.document.untitled')
  return [title, show(bundle.timestamp ?? composition.date, 'dateTime')].filter(Boolean).join(' · ')
}

export interface Deed {
  readonly path: string
  readonly label: string
  readonly isPrimary?: true
}

/** Whether a document bears a signature or a seal of its own. */
export function isSigned({ signature, entry = [] }: Bundle): boolean {
  return signature !== undefined || entry.some(({ resource }) => resource?.resourceType === 'Provenance' && resource['signature'] !== undefined) // prettier-ignore
}

/** What whoever asks may do with a document, as the template `web/draft/actions` has it. */
export function deedsFor(
  { version, bundle, composition }: Pick<StoredBundle, 'version' | 'bundle' | 'composition'>,
  call: Pick<Call, 'service' | 'caller'>,
  { phrase }: Reader,
): readonly Deed[] {
  const path = documentPath(version.id)
  const isWrong = composition.status === 'entered-in-error'
  const patient = relative(composition.subject?.reference ?? '', call.service.base).split('/')[1] ?? ''
  const anew = (code: string): string =>
    `${HOME}/drafts/new?${new URLSearchParams({ patient, relates: code, target: version.id }).toString()}`
  const all = [
    { role: 'sign', isOffered: !isWrong, path: `${path}/sign`, key: 'sign' },
    { role: 'compose', isOffered: !isWrong, path: anew('replaces'), key: 'replace' },
    { role: 'compose', isOffered: !isWrong, path: anew('appends'), key: 'append' },
    { role: 'read', isOffered: true, path: `${path}/compare`, key: 'compare' },
    { role: 'attest', isOffered: !isWrong, path: `${path}/error`, key: 'error' },
  ] as const
  return all
    .filter(({ role, isOffered }) => isOffered && mayDo(role, call))
    .map(({ path: to, key }) => ({
      path: to,
      label: phrase(`web.draft.deed.${key}`),
      ...(key === 'sign' && bundle.signature === undefined && { isPrimary: true as const }),
    }))
}

/** The other documents of a series, and those that it replaces or that replace it; the latest first. */
export async function relatives(
  reader: StoreReader,
  { version, bundle, composition }: StoredBundle,
  { design }: Pick<Service, 'design'>,
): Promise<readonly StoredBundle[]> {
  const own = bundle.identifier?.value
  const series = composition.identifier?.value
  const earlier = (composition.relatesTo ?? []).flatMap(({ targetIdentifier }) => valueOf(targetIdentifier) ?? [])
  const questions = [
    ...(series === undefined ? [] : [['composition.identifier', series] as const]),
    ...(own === undefined ? [] : [['composition.related-id', own] as const]),
    ...earlier.map((value) => ['identifier', value] as const),
  ]
  const found = await Promise.all(
    questions.map(([name, value]) => everyMatch(reader, { type: 'Bundle', parameters: [[name, escaped(value)]] })),
  )
  const ids = new Set(found.flat().map(({ id }) => id))
  ids.delete(version.id)
  const all = await Promise.all([...ids].map((id) => storedBundle(reader, id, { design })))
  return all.toSorted((one, other) => ((one.bundle.timestamp ?? '') < (other.bundle.timestamp ?? '') ? 1 : -1))
}

function valueOf(identifier: unknown): string | undefined {
  const value =
    typeof identifier === 'object' && identifier !== null && 'value' in identifier ? identifier.value : undefined
  return typeof value === 'string' ? value : undefined
}
