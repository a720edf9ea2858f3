/** Revocation services as they are asked: only below the addresses that were named. */

import { describe, expect, it } from 'vitest'
import { addressesIn, isBelow, openRevocations } from '../../src/edge/revocation.ts'
import { extension } from '../../src/edge/keys/issue.ts'
import * as der from '../../src/fhir/der-write.ts'
import { readOcsp } from '../../src/sign/ocsp.ts'
import { readCertificate, readCrl } from '../../src/sign/x509.ts'
import { testAuthority } from '../signing.ts'
import { testOcsp } from '../stamping.ts'
import { testServer } from './network/server.ts'

const root = testAuthority('Root')

function uri(address: string): Buffer {
  return der.element(0x86, Buffer.from(address))
}

/** A certificate that names where to ask. */
function naming(ocsp: string, crl: string): Uint8Array {
  const access = der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.48.1'), uri(ocsp))
  const issuers = der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.48.2'), uri('http://issuers.example/'))
  const point = der.sequence(der.explicit(0, der.explicit(0, uri(crl))))
  return root.issue({
    extensions: [
      extension('1.3.6.1.5.5.7.1.1', der.sequence(issuers, access)),
      extension('2.5.29.31', der.sequence(point)),
    ],
  })
}

async function service(): Promise<Awaited<ReturnType<typeof testServer>>> {
  return testServer((request, response) => {
    response.end(request.method === 'POST' ? testOcsp(root) : root.list())
  })
}

it('the addresses of a certificate are read', () => {
  expect(addressesIn(naming('http://a.example/ocsp', 'http://a.example/crl'))).toEqual({
    ocsp: ['http://a.example/ocsp'],
    crl: ['http://a.example/crl'],
  })
  expect(addressesIn(root.issue({}))).toEqual({ ocsp: [], crl: [] })
})

it.each([
  ['http://a.example/ocsp', true],
  ['http://a.example/ocsp/ca', true],
  ['http://a.example/ocsp-evil', false],
  ['http://a.example/', false],
  ['https://a.example/ocsp', false],
  ['http://a.example:81/ocsp', false],
  ['http://b.example/ocsp', false],
  ['http://a.example/ocsp/../admin', false],
  ['http://a.example@b.example/ocsp', false],
  ['ldap://a.example/ocsp', false],
  ['nothing', false],
])('%s is below http://a.example/ocsp: %s', (address, expected) => {
  expect(isBelow(address, [new URL('http://a.example/ocsp')])).toBe(expected)
})

describe('a service', () => {
  it('answers where its address was named', async () => {
    const { url, requests } = await service()
    const certificate = naming(`${url}/ocsp`, `${url}/crl`)
    const revocations = openRevocations([`${url}/`])
    const ocsp = readOcsp((await revocations.ocsp(certificate, root.anchor)) ?? Buffer.of())
    const [leaf, issuer] = [readCertificate(certificate), readCertificate(root.anchor)]
    expect(ocsp.answerOn(leaf, issuer)?.status).toBe('good')
    expect(ocsp.responderFor(issuer)?.subject).toBe(issuer.subject)
    const crl = readCrl((await revocations.crl(certificate)) ?? Buffer.of())
    expect(crl.isSignedBy(issuer.publicKey)).toBe(true)
    expect(requests.map(({ method, url: path }) => [method, path])).toEqual([
      ['POST', '/ocsp'],
      ['GET', '/crl'],
    ])
  })

  it('is never asked at another address that the certificate names', async () => {
    const { url, requests } = await service()
    const revocations = openRevocations([`${url}/allowed/`])
    const certificate = naming(`${url}/ocsp`, `${url}/crl`)
    expect(await revocations.ocsp(certificate, root.anchor)).toBeUndefined()
    expect(await revocations.crl(certificate)).toBeUndefined()
    expect(requests).toEqual([])
  })

  it('is asked itself where the certificate names none', async () => {
    const { url, requests } = await service()
    expect(await openRevocations([`${url}/ocsp`]).ocsp(root.issue({}), root.anchor)).toBeDefined()
    expect(requests.map(({ url: path }) => path)).toEqual(['/ocsp'])
  })

  it('that has nothing is an error', async () => {
    const { url } = await testServer((_, response) => response.writeHead(404).end())
    const revocations = openRevocations([`${url}/`])
    await expect(revocations.ocsp(root.issue({}), root.anchor)).rejects.toThrow(/HTTP 404/)
  })

  it('may serve a list as PEM', async () => {
    const list = root.list()
    const pem = `-----BEGIN X509 CRL-----\n${Buffer.from(list).toString('base64')}\n-----END X509 CRL-----\n`
    const { url } = await testServer((_, response) => response.end(pem))
    expect(await openRevocations([`${url}/`]).crl(naming(url, `${url}/crl`))).toEqual(Buffer.from(list))
  })
})
