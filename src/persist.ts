/** Documents and the store: composed from one snapshot, found again where nothing changed, kept byte for byte where they are new. */

import { canonical } from './fhir/canonical.ts'
import { sha256, toBase64url, uuidV5 } from './fhir/digest.ts'
import { fail, FhirError } from './fhir/error.ts'
import type { Issue } from './fhir/issue.ts'
import { jsonOf, stringify } from './fhir/json.ts'
import { lastingMemo, remember } from './fhir/memo.ts'
import type { Bundle, Checked, Json, Resource } from './fhir/types.ts'
import {
  compose,
  ownMembers,
  signed,
  unsigned,
  type ComposeRequest,
  type Design,
  type Edge,
  type Product,
  type Signing,
} from './pipeline.ts'
import type { Key, Original, Store, StoreReader, StoreWriter, Version } from './ports.ts'
import { recall, recollected, witnessOf, type Composed, type Recall } from './recall.ts'

/** A document that is made from what a store holds. */
export interface Assembly {
  readonly store: Store
  /** What is composed, by a reader of the snapshot that all of it is read from (H-15). */
  readonly request: (reader: StoreReader) => Promise<ComposeRequest>
  /**
   * Names what is composed, options and all: two of the same name are the same document where the store gives the same.
   * Absent where it is made of more than what the store holds.
   */
  readonly name?: string
  /**
   * Whether the document is stored: `true` stores it, unless an unchanged one is stored already, which is given again;
   * absent gives that one too, but stores nothing; `false` makes a new document and looks at none.
   */
  readonly persist: boolean | undefined
  /** How new documents are signed. */
  readonly signing?: Signing | undefined
}

export interface Assembled {
  /** As it was made, or as the store gives it. */
  readonly bundle: Bundle
  /** Its version and its bytes in the store; absent where it is not stored. */
  readonly stored?: Stored
  readonly issues: readonly Issue[]
}

export interface Stored {
  readonly version: Version
  readonly original: Original
}

const NAMESPACE = '8a0c6c53-7f34-5d0b-9c1e-2b7a9d4e6f10'

/** What differs between two documents of the same content. */
const OWN = ['id', 'meta', 'identifier', 'timestamp', 'signature']

/**
 * The document of a Composition and all that it refers to, read from one snapshot of the store.
 * @throws FhirError with all issues where the document cannot be
 */
export async function assemble(assembly: Assembly, design: Design, edge: Edge): Promise<Assembled> {
  const { store, persist, signing } = assembly
  const made = await store.snapshot(async (reader) => {
    const known = await recalled(assembly, reader, { design, edge })
    const place = persist === false ? undefined : await placeFor(reader, contentOf(known.bundle, signing))
    const isNew = persist === true && place?.held === undefined
    if (!isNew || isWithReceipt(known)) return { place, ...known }
    // what is stored is stored with its receipt, which is not recalled
    return { place, ...(await compose(await assembly.request(reader), design, edge)) }
  })
  const { place, issues } = made
  if (place?.held !== undefined) return { ...again(place.held), issues }
  const bundle: Checked = made.bundle
  const sealed = (one: Checked): Promise<Checked> | Checked =>
    signing === undefined ? one : signed(one, signing, edge)
  if (persist !== true || place === undefined || !isWithReceipt(made)) return { bundle: await sealed(bundle), issues }
  const { resourceType, ...members } = bundle
  const named = await sealed({ resourceType, id: place.key.id, ...members })
  const original = originalOf(named)
  const kept = { place, bundle: named, original, receipt: jsonOf(made.receipt) }
  return { ...again(await keep(store, kept)), issues }
}

function isWithReceipt(made: Composed | Product): made is Product {
  return 'receipt' in made
}

const MAX_RECALLED_BYTES = 24 * 1024 * 1024
const recalls = new WeakMap<Design, Recall>()

function recallOf(design: Design): Recall {
  const known = recalls.get(design) ?? recall(MAX_RECALLED_BYTES)
  recalls.set(design, known)
  return known
}

/** The document as it was composed lately where nothing that was read for it has changed, else composed now. */
async function recalled(
  { name, request }: Assembly,
  reader: StoreReader,
  { design, edge }: { readonly design: Design; readonly edge: Edge },
): Promise<Composed | Product> {
  // what a terminology server says may be another by now
  if (name === undefined || edge.terminology !== undefined) return compose(await request(reader), design, edge)
  const documents = recallOf(design)
  const witness = witnessOf(reader)
  const own = ownMembers(edge)
  const known = await documents.again(name, witness, own.timestamp)
  if (known?.changes.length === 0) return { ...known.composed, bundle: { ...known.composed.bundle, ...own } }
  const asked = await request(witness.reader)
  // a graph may ask for any value of a resource
  const again = known && asked.graph === undefined ? recollected(known, own, design) : undefined
  const { receipt, collection, ...composed } = await compose({ ...asked, collection: again }, design, edge)
  const heard = witness.heard() && (again === undefined ? witness.heard() : known?.heard)
  const kept = documents.keep(name, heard, { composed, collection })
  // the receipt tells of the closure that was
  return again === undefined ? { ...kept, collection, receipt } : kept
}

function again(stored: Stored): Omit<Assembled, 'issues'> {
  return { bundle: stored.version.resource as Bundle, stored }
}

/** What makes two documents the same one. */
interface Content {
  readonly digest: string
  /** A sealed document is another than the same without seal. */
  readonly isSealed: boolean
}

function contentOf(bundle: Bundle, signing: Signing | undefined): Content {
  return { digest: digestOf(bundle), isSealed: signing !== undefined }
}

const documents = lastingMemo<Bundle, string>()
const resources = lastingMemo<Resource, string>()

/** Of the canonical form, of each entry by itself: what the store hands out unchanged is digested once. Signatures do not count. */
function digestOf(bundle: Bundle): string {
  return remember(documents, bundle, (one) => {
    const { entry = [], ...others } = unsigned(one)
    const entries = entry.map(({ resource, ...rest }) => [
      canonical(rest),
      resource === undefined ? '' : remember(resources, resource, hashOf),
    ])
    return hashOf([canonical(others, OWN), entries])
  })
}

function hashOf(value: Json): string {
  return toBase64url(sha256(canonical(value)))
}

/** Where a document of some content lies, or will. */
interface Place {
  readonly content: Content
  readonly key: Key
  readonly held?: Stored
}

/** An address is never used for a second document: the next one is taken where another lies, or one was deleted. */
const MOST_ADDRESSES = 100

/**
 * The place of a document of this content, whoever makes it and whenever.
 * @throws FhirError `conflict` where others lie at all of its addresses
 */
async function placeFor(reader: StoreReader, content: Content): Promise<Place> {
  for (let count = 0; count < MOST_ADDRESSES; count += 1) {
    const name = [content.digest, content.isSealed ? 'sealed' : '', count].join(' ')
    const key = { type: 'Bundle', id: uuidV5(NAMESPACE, name) }
    const [version] = await reader.read([key])
    if (version === undefined) return { content, key }
    const held = await sameAs(content, version, reader)
    if (held !== undefined) return { content, key, held }
  }
  throw fail('conflict', 'Other documents lie at every address of this one')
}

async function sameAs({ digest }: Content, version: Version, reader: StoreReader): Promise<Stored | undefined> {
  const { resource } = version
  if (resource === undefined || digestOf(resource as Bundle) !== digest) return undefined
  const original = await reader.original(version)
  return original && { version, original }
}

interface Kept {
  readonly place: Place
  readonly bundle: Bundle
  readonly original: Original
  readonly receipt: Json
}

/** The document as stored: this one, or the same that another request stored meanwhile. */
async function keep(store: Store, kept: Kept): Promise<Stored> {
  try {
    return await store.transaction((writer) => keepIn(writer, kept))
  } catch (thrown) {
    const isTaken = thrown instanceof FhirError && thrown.issues[0].code === 'conflict'
    const place = isTaken ? await store.snapshot((reader) => placeFor(reader, kept.place.content)) : undefined
    if (place?.held === undefined) throw thrown
    return place.held
  }
}

async function keepIn(writer: StoreWriter, { place, bundle, original, receipt }: Kept): Promise<Stored> {
  const { key, held } = await placeFor(writer, place.content)
  if (held !== undefined) return held
  if (key.id !== place.key.id) throw fail('conflict', 'The address of the document was taken meanwhile')
  const change = { ...key, resource: bundle, original, receipt, expected: { versionId: undefined } }
  return { version: await writer.write({ ...change, method: 'PUT' }), original }
}

/** A document that was made elsewhere, stored with what closure did, within a transaction: this one, or the same that is there. */
export async function keepDocument(writer: StoreWriter, bundle: Bundle, receipt: Json): Promise<Stored> {
  const place = await placeFor(writer, contentOf(bundle, undefined))
  if (place.held !== undefined) return place.held
  const { resourceType, ...members } = bundle
  const named = { resourceType, id: place.key.id, ...members }
  return keepIn(writer, { place, bundle: named, original: originalOf(named), receipt })
}

/**
 * The next version of a stored document, which bears a further signature in a Provenance: the same identifier, timestamp and
 * signed octets (H-6). @throws FhirError `conflict` where another version came to be meanwhile
 */
export async function keepSigned(store: Store, { version }: Stored, document: Resource): Promise<Stored> {
  const { type, id, versionId } = version
  const original = originalOf(document)
  const change = { type, id, method: 'PUT', resource: document, original, expected: { versionId } } as const
  const written = await store.transaction(async (writer) => {
    const receipt = await writer.receipt({ type, id }, versionId)
    return writer.write({ ...change, ...(receipt !== undefined && { receipt }) })
  })
  return { version: written, original }
}

/** A signature that stands beside a stored document. @throws FhirError `conflict` where it is stored already */
export async function keepBeside(store: Store, provenance: Resource): Promise<Stored> {
  const key = { type: provenance.resourceType, id: provenance.id ?? '' }
  const change = { ...key, method: 'PUT', resource: provenance, expected: { versionId: undefined } } as const
  return { version: await store.transaction((writer) => writer.write(change)), original: originalOf(provenance) }
}

function originalOf(resource: Resource): Original {
  return { bytes: new TextEncoder().encode(stringify(resource)), mediaType: 'application/fhir+json' }
}
