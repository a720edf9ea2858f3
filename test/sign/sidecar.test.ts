/** The JWS beside a document: what it is read as, and what in it is refused. */

import { describe, expect, it } from 'vitest'
import { addition, readSidecar, writeSidecar } from '../../src/sign/sidecar.ts'

const value = Buffer.from('value')
const signature = value.toString('base64url')
const encoded = (members: object): string => Buffer.from(JSON.stringify(members)).toString('base64url')
const bytes = (members: object | string): Uint8Array =>
  Buffer.from(typeof members === 'string' ? members : JSON.stringify(members))

it('is read as it was written', () => {
  const sidecar = { protected: 'eyJ9', payload: undefined, value, additions: [addition('sigTst', { tstTokens: [] })] }
  expect(readSidecar(bytes(writeSidecar(sidecar)))).toEqual(sidecar)
})

it('may be compact, and general with one signature', () => {
  expect(readSidecar(bytes(`eyJ9..${signature}\n`))).toEqual({
    protected: 'eyJ9',
    payload: undefined,
    value,
    additions: [],
  })
  const general = { payload: 'e30', signatures: [{ protected: 'eyJ9', signature }] }
  expect(readSidecar(bytes(general))).toMatchObject({ protected: 'eyJ9', payload: Buffer.from('{}') })
})

it('may have members in clear, which are not written again', () => {
  const sidecar = readSidecar(bytes({ protected: 'eyJ9', signature, header: { etsiU: [{ xVals: [] }] } }))
  expect(sidecar.additions).toEqual([{ encoded: undefined, name: 'xVals', value: [] }])
  expect(() => writeSidecar(sidecar)).toThrow(TypeError)
})

describe('is refused', () => {
  const etsiU = (...rows: readonly unknown[]): object => ({ protected: 'eyJ9', signature, header: { etsiU: rows } })
  it.each<readonly [string, object | string, RegExp]>([
    ['with a member twice', `{"protected":"eyJ9","protected":"eyJ8","signature":"${signature}"}`, /each member once/],
    ['without protected header', { signature }, /no protected header/],
    ['without signature', { protected: 'eyJ9' }, /no signature/],
    [
      'with two signatures',
      {
        signatures: [
          { protected: 'eyJ9', signature },
          { protected: 'eyJ9', signature },
        ],
      },
      /not exactly one/,
    ],
    ['with a signature and a list of them', { protected: 'eyJ9', signature, signatures: [] }, /both/],
    [
      'with an algorithm that nobody signed',
      { protected: 'eyJ9', signature, header: { alg: 'none' } },
      /alg in its unprotected header/,
    ],
    [
      'with certificates that nobody signed',
      { protected: 'eyJ9', signature, header: { x5c: ['AAAA'] } },
      /x5c in its unprotected/,
    ],
    [
      'with crit that nobody signed',
      { protected: 'eyJ9', signature, header: { crit: ['etsiU'] } },
      /crit in its unprotected/,
    ],
    ['with etsiU that is no list', { protected: 'eyJ9', signature, header: { etsiU: {} } }, /no list/],
    ['with members of both forms', etsiU({ xVals: [] }, encoded({ xVals: [] })), /in clear and in base64url/],
    ['with a member of two names', etsiU(encoded({ xVals: [], rVals: {} })), /not one name/],
    [
      'with a member of one name twice',
      etsiU(Buffer.from('{"xVals":[],"xVals":[]}').toString('base64url')),
      /each member once/,
    ],
    ['with a member that is no JSON', etsiU(Buffer.from('x').toString('base64url')), /is not JSON/],
    [
      'with more members than are read',
      etsiU(...Array.from({ length: 201 }, () => encoded({ xVals: [] }))),
      /more than 200/,
    ],
    ['with a value that is not base64url', { protected: 'eyJ9', signature: '!' }, /not base64url/],
    ['with nothing in it', '', /no compact JWS/],
  ])('%s', (_, members, text) => {
    expect(() => readSidecar(bytes(members))).toThrow(text)
  })
})
