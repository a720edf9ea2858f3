/** Where a name may lead: never to the machine itself, its neighbours or a cloud's metadata, unless the deployment named that. */

import { lookup as resolveName, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { fail } from '../../fhir/error.ts'

/** Loopback, link-local, unspecified and multicast addresses, and those of metadata services; also written as IPv6. */
const REFUSED: readonly (readonly [address: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['64:ff9b::7f00:0', 104, 'ipv6'],
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
  ['2002:7f00::', 24, 'ipv6'],
  ['2002:a9fe::', 32, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['fd20:ce::254', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
]

const refused = new BlockList()
for (const row of REFUSED) refused.addSubnet(...row)

/** The name or address of a URL's host in lower case, an IPv6 address without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[|\]$/g, '')
}

/** Whether an address may be connected to: it is no special one, or the deployment named it. */
export function isReachable(address: string, named: ReadonlySet<string>): boolean {
  if (named.has(address.toLowerCase())) return true
  const family = isIP(address)
  return family !== 0 && !refused.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * The resolution of a name whose every answer is checked before it is connected to, so that a name which leads elsewhere
 * the next time (DNS rebinding) leads nowhere.
 */
export function guardedLookup(named: ReadonlySet<string>, lookup: LookupFunction = resolveName): LookupFunction {
  return (name, options, callback) => {
    const known = name.toLowerCase() === 'localhost' && named.has('localhost') ? LOCAL : named
    lookup(name, { ...options, all: true }, (error, answer) => {
      if (error !== null) return callback(error, [])
      const found: readonly LookupAddress[] = Array.isArray(answer)
        ? answer
        : [{ address: answer, family: isIP(answer) }]
      const reachable = found.filter(({ address }) => isReachable(address, known))
      const [first] = reachable
      if (first === undefined) return callback(unreachable(), [])
      if (options.all === true) callback(null, reachable)
      else callback(null, first.address, first.family)
    })
  }
}

/** What the name of the machine itself may lead to, where it was named. */
const LOCAL: ReadonlySet<string> = new Set(['127.0.0.1', '::1'])

/** The error for an address that is not gone to. */
export function unreachable(): Error {
  return fail(
    'no-store',
    'The address is one of this machine, its link or a metadata service, which is asked only where it is named itself',
  )
}
