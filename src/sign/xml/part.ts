/**
 * XML signatures over single resources: one reference for each, over its canonical form. Which one it is over its URI says,
 * else its place in the order of the targets.
 * @see https://hl7.org/fhir/6.0.0-ballot4/signatures.html
 */

import { fromExactBase64 } from '../../fhir/digest.ts'
import { fail, FhirError } from '../../fhir/error.ts'
import type { Model } from '../../fhir/model.ts'
import type { Signature } from '../../fhir/types.ts'
import { canonicalXml } from '../../fhir/xml-write.ts'
import { must } from '../must.ts'
import { omittedPlaces } from '../part-target.ts'
import type { Part, PartTarget } from '../parts.ts'
import type { IntegrityFacts, Reading } from '../reading.ts'
import type { Certificate } from '../x509.ts'
import { additionsOf, unreadIn } from './additions.ts'
import {
  agreed,
  detachedFacts,
  documentOctets,
  inwardOctets,
  isSignedInfo,
  kindOf,
  outwardReferences,
  unnamedIn,
} from './detached.ts'
import { readSignature, type Reference, type XmlSignature } from './dsig.ts'
import { fitsMethod } from './methods.ts'
import { omittedOfResource, resourceForms, xmlFormOf } from './octets.ts'
import { certificatesOf, signedProperties, unsignedProperties, type Properties } from './properties.ts'
import { isDigestOf } from './references.ts'
import { readTree, type XmlDocument } from './tree.ts'

/** The signature over the resources. @throws FhirError with the first reason to refuse it */
export function readPartXades(part: Part, signature: Signature, model: Model): Reading {
  const { data } = signature
  if (typeof data !== 'string' || data === '') throw fail('required', 'The signature has no data')
  const content = fromExactBase64(data)
  must(content !== undefined, 'Signature.data is not base64')
  const document = readTree(content)
  const read = readSignature(document.root)
  const properties = signedProperties(read, document)
  const references = outwardReferences(read, document)
  const pairs = pairsOf(references, part)
  const canon = agreed(references, xmlFormOf(signature))
  const certificates = certificatesOf(read, properties?.named)
  const unsigned = unsignedProperties(read)
  const kind = kindOf({ signature: read, properties, references, unsigned })
  const claims = { time: properties?.time, commitments: properties?.commitments, certificates }
  const [leaf] = certificates
  if (leaf === undefined) return { ...kind, claims, integrity: undefined, additions: [] }
  const own = { signature: read, document, properties, pairs, part, model }
  const { facts, octets } = integrityOf(own, resourceForms(canon), leaf)
  return {
    ...kind,
    claims,
    integrity: facts,
    additions: additionsOf(unsigned, { signature: read, referenced: octets }),
    unread: unreadIn(properties?.element, unsigned),
  }
}

/** A reference of the signature, and the resource that it is to be over. */
type Pair = readonly [reference: Reference, target: PartTarget]

/**
 * Each reference with a resource of its own: by its URI where all of them name targets, by their places where none does.
 * Whatever is signed beside what is named, or is named and not signed, would be another part of the document.
 */
function pairsOf(references: readonly Reference[], { targets }: Part): readonly Pair[] {
  const [signed, named] = [references.length, targets.length]
  must(signed === named, `The signature is over ${signed} resources, its Provenance names ${named}`, 'conflict')
  const byName = references.map(({ uri }) => targets.find(({ name }) => name === uri))
  const isNone = byName.every((target) => target === undefined)
  const isOneEach = new Set(byName).size === named && !byName.includes(undefined)
  must(isNone || isOneEach, 'The signature names some of its resources only, or one of them twice', 'conflict')
  const ordered = isNone ? targets : byName
  return references.flatMap((reference, index): readonly Pair[] => {
    const target = ordered[index]
    return target === undefined ? [] : [[reference, target]]
  })
}

interface Own {
  readonly signature: XmlSignature
  readonly document: XmlDocument
  readonly properties: Properties | undefined
  readonly pairs: readonly Pair[]
  readonly part: Part
  readonly model: Model
}

interface Found {
  readonly facts: IntegrityFacts
  /** What the references are over, in their order; undefined where one of them does not hold. */
  readonly octets: readonly Uint8Array[] | undefined
}

function integrityOf(own: Own, names: readonly [string, ...string[]], leaf: Certificate): Found {
  const { signature, pairs, properties, part } = own
  const fitsKey = fitsMethod(signature.method, leaf)
  const isSigned = fitsKey && isSignedInfo(signature, leaf)
  const outward = new Set(pairs.map(([reference]) => reference))
  const inward = signature.references.filter((one) => !outward.has(one))
  const ofItself = new Map(inward.map((one) => [one, inwardOctets(one, own)]))
  const [first, ...others] = names.map((name) => heldIn(own, name))
  const held = [first, ...others].find((one) => one?.isWhole)
  const form = held ?? first ?? heldIn(own, names[0])
  const holds = isSigned && held !== undefined && [...ofItself].every(([one, octets]) => isDigestOf(one, octets))
  const facts: IntegrityFacts = {
    ...detachedFacts(form, { fitsKey, isSigned, holds }),
    otherDigestOf: held === undefined ? changedNames(own, form) : 'itself',
    otherForm: isSigned && held === undefined ? otherForm(own) : undefined,
    notCovered: [...omittedPlaces(part, form.omits ?? []), SPELLING, ...unnamedIn(properties)],
  }
  const octets = signature.references.map((one) => ofItself.get(one) ?? form.octets.get(one))
  const all = octets.filter((one) => one !== undefined)
  return { facts, octets: holds && all.length === octets.length ? all : undefined }
}

const SPELLING = 'how the markup of narrative is spelled (comments, order of attributes, names of characters)'

interface HeldForm {
  readonly name: string
  /** Undefined where it is no form that can be made here. */
  readonly omits: readonly string[] | undefined
  /** What the references are over, where they hold. */
  readonly octets: ReadonlyMap<Reference, Uint8Array>
  /** Whether all of them hold. */
  readonly isWhole: boolean
}

/** Which references hold over their resources in a form. */
function heldIn({ pairs, model }: Own, name: string): HeldForm {
  const omits = omittedOfResource(name)
  const none = { omits: undefined, octets: new Map<Reference, Uint8Array>(), isWhole: false }
  if (omits === undefined) return { ...none, name }
  try {
    const octets = new Map(
      pairs.flatMap(([reference, { resource }]) => {
        const canonical = Buffer.from(canonicalXml(resource, model, omits), 'utf8')
        const one = documentOctets(reference, { octets: () => canonical })
        return isDigestOf(reference, one) ? [[reference, one] as const] : []
      }),
    )
    return { name, omits, octets, isWhole: octets.size === pairs.length }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return { ...none, name: `${name} (${error.message})` }
  }
}

function otherForm(own: Own): string | undefined {
  return resourceForms(undefined).find((name) => heldIn(own, name).isWhole)
}

function changedNames({ pairs }: Own, { octets }: HeldForm): readonly string[] {
  return pairs.flatMap(([reference, { name }]) => (octets.has(reference) ? [] : [name]))
}
