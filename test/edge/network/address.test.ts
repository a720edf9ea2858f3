/** No name leads to the machine itself, its neighbours or a cloud's metadata unless the deployment named that. */

import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { guardedLookup, hostOf, isReachable } from '../../../src/edge/network/address.ts'

const none: ReadonlySet<string> = new Set()

describe('addresses', () => {
  it.each([
    '127.0.0.1', '127.8.8.8', '0.0.0.0', '169.254.169.254', '100.100.100.200', '168.63.129.16', '224.0.0.1',
    '255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::127.0.0.1', 'fe80::1',
    'fe80::1%eth0', 'fd00:ec2::254', '64:ff9b::a9fe:a9fe', '2002:7f00:1::', '2002:a9fe:a9fe::', 'ff02::1', 'no address',
  ])('%s is not gone to', (address) => {
    expect(isReachable(address, none)).toBe(false)
  }) // prettier-ignore

  it.each(['203.0.113.7', '10.0.0.8', '172.18.0.3', '192.168.1.7', '2001:db8::7', 'fd12:3456::8'])(
    '%s is a host like others, also in the network of a hospital',
    (address) => {
      expect(isReachable(address, none)).toBe(true)
    },
  )

  it('one that is named itself is gone to', () => {
    expect(isReachable('127.0.0.1', new Set(['127.0.0.1']))).toBe(true)
    expect(isReachable('127.0.0.2', new Set(['127.0.0.1']))).toBe(false)
  })

  it.each([
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://[::1]:8080/', '::1'],
    ['http://EHR.example:8443/', 'ehr.example'],
  ])('the host of %s is %s', (url, host) => {
    expect(hostOf(new URL(url))).toBe(host)
  })
})

describe('names', () => {
  const leadingTo =
    (...addresses: readonly string[]): LookupFunction =>
    (_name, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
  const resolve = (lookup: LookupFunction, name: string): Promise<unknown> =>
    new Promise((done) => lookup(name, { all: true }, (error, answer) => done(error ?? answer)))

  it('that lead to a special address lead nowhere', async () => {
    const answer = await resolve(guardedLookup(new Set(['ehr.example']), leadingTo('127.0.0.1')), 'ehr.example')
    expect(answer).toMatchObject({ issues: [{ code: 'no-store' }] })
  })

  it('that lead to several lead to those that may be gone to', async () => {
    const lookup = guardedLookup(none, leadingTo('169.254.169.254', '203.0.113.7', '::1'))
    expect(await resolve(lookup, 'ehr.example')).toEqual([{ address: '203.0.113.7', family: 4 }])
  })

  it('localhost leads to the machine where it is named, another name does not', async () => {
    const lookup = guardedLookup(new Set(['localhost', 'ehr.example']), leadingTo('127.0.0.1'))
    expect(await resolve(lookup, 'localhost')).toEqual([{ address: '127.0.0.1', family: 4 }])
    expect(await resolve(lookup, 'ehr.example')).toBeInstanceOf(Error)
    expect(await resolve(guardedLookup(none, leadingTo('127.0.0.1')), 'localhost')).toBeInstanceOf(Error)
  })
})
