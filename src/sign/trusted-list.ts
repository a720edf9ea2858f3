/**
 * ETSI trusted lists: the services that a scheme operator vouches for, once the list's own signature holds and was made by
 * one whom a trust anchor vouches for.
 * @see https://www.etsi.org/deliver/etsi_ts/119600_119699/119612/02.02.01_60/ts_119612v020201p.pdf
 */

import { fromBase64 } from '../fhir/digest.ts'
import { fail, FhirError } from '../fhir/error.ts'
import { pathFault, pathToAnchor } from './chain.ts'
import { must } from './must.ts'
import type { Purpose, Service, ServiceStatus } from './services.ts'
import { misuse, period } from './signing-certificate.ts'
import { readCertificate, type Certificate } from './x509.ts'
import { verifyEnveloped } from './xml/enveloped.ts'
import { childOf, childrenOf, isNamed, mustHave, readTree, textOf, type XmlElement } from './xml/tree.ts'

const TSL = 'http://uri.etsi.org/02231/v2#'
const MOST_SERVICES = 20_000

/** By the ends of their URIs; services of other types are passed over. */
const TYPES: readonly (readonly [end: RegExp, purposes: readonly Purpose[]])[] = [
  [/\/Svctype\/CA\/(?:QC|PKC)$/, ['signature', 'stamp']],
  [/\/Svctype\/NationalRootCA-QC$/, ['signature', 'stamp']],
  [/\/Svctype\/TSA(?:\/.*)?$/, ['stamp']],
]

export interface ListTrust {
  /** Whoever may sign a trusted list, or vouch for who does. */
  readonly anchors: readonly Certificate[]
  readonly atMs: number
}

/**
 * The services of a trusted list.
 * @throws FhirError `structure` where it is none, `security` where its signature does not hold or is that of a stranger
 */
export function readTrustedList(content: Uint8Array, trust: ListTrust): readonly Service[] {
  const known = lists.get(content) ?? listIn(content)
  lists.set(content, known)
  mustBeTrusted(known.signers, trust)
  return known.services
}

interface List {
  /** The certificates of its signature, the signer's first. */
  readonly signers: readonly Certificate[]
  readonly services: readonly Service[]
}

// National lists have some megabytes, and the same ones come again with each verification.
const lists = new WeakMap<Uint8Array, List>()

function listIn(content: Uint8Array): List {
  const document = readTree(content)
  const { root } = document
  must(isNamed(root, TSL, 'TrustServiceStatusList'), 'The XML is no ETSI trusted list')
  const signers = verifyEnveloped(document)
  const information = mustHave(root, TSL, 'SchemeInformation')
  const listUntilMs = untilOf(mustHave(information, TSL, 'NextUpdate'))
  const services = descend(root, ['TrustServiceProviderList', 'TrustServiceProvider', 'TSPServices', 'TSPService'])
  must(services.length <= MOST_SERVICES, `The trusted list has more than ${MOST_SERVICES} services`, 'too-costly')
  return { signers, services: services.flatMap((service) => servicesIn(service, listUntilMs)) }
}

/** The elements at the end of a way of names. */
function descend(from: XmlElement, [name, ...others]: readonly string[]): readonly XmlElement[] {
  return name === undefined ? [from] : childrenOf(from, TSL, name).flatMap((child) => descend(child, others))
}

function untilOf(nextUpdate: XmlElement): number | undefined {
  const dateTime = childOf(nextUpdate, TSL, 'dateTime')
  return dateTime === undefined ? undefined : momentOf(dateTime)
}

function momentOf(element: XmlElement): number {
  const value = Date.parse(textOf(element))
  must(!Number.isNaN(value) && /Z$/.test(textOf(element)), `The ${element.local} of the trusted list is no time in UTC`)
  return value
}

function servicesIn(service: XmlElement, listUntilMs: number | undefined): readonly Service[] {
  const information = mustHave(service, TSL, 'ServiceInformation')
  const type = textOf(mustHave(information, TSL, 'ServiceTypeIdentifier'))
  const purposes = TYPES.find(([end]) => end.test(type))?.[1]
  if (purposes === undefined) return []
  const history = descend(service, ['ServiceHistory', 'ServiceHistoryInstance']).map(statusOf)
  const statuses = [statusOf(information), ...history].sort((one, other) => other.fromMs - one.fromMs)
  const [label] = descend(information, ['ServiceName', 'Name'])
  const name = label === undefined ? '' : textOf(label)
  return descend(information, ['ServiceDigitalIdentity', 'DigitalId', 'X509Certificate'])
    .flatMap(certificateIn)
    .map((certificate) => ({ certificate, name, purposes, statuses, listUntilMs }))
}

function statusOf(information: XmlElement): ServiceStatus {
  const uri = textOf(mustHave(information, TSL, 'ServiceStatus'))
  return { name: uri.split('/').at(-1) ?? '', fromMs: momentOf(mustHave(information, TSL, 'StatusStartingTime')) }
}

/** A certificate that cannot be read is none that anything can lead to. */
function certificateIn(element: XmlElement): readonly Certificate[] {
  const der = fromBase64(textOf(element))
  must(der !== undefined, 'A certificate of the trusted list is not base64')
  try {
    return [readCertificate(der)]
  } catch (error) {
    if (error instanceof FhirError) return []
    throw error
  }
}

function mustBeTrusted([signer, ...others]: readonly Certificate[], { anchors, atMs }: ListTrust): void {
  const path = signer && pathToAnchor(signer, others, anchors)
  if (signer === undefined || path === undefined)
    throw fail('security', 'The trusted list is signed by one whom no trust anchor vouches for')
  const fault = pathFault(path, atMs)?.text ?? misuse(signer)
  if (fault !== undefined) throw fail('security', `The signer of the trusted list is not to be trusted: ${fault}`)
  if (period(signer, atMs) !== 'within')
    throw fail('security', 'The certificate of the signer of the trusted list has expired')
}
