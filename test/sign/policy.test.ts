/** The policy table decides every case, in the words of the standard. */

import { describe, expect, it } from 'vitest'
import { FORMAT, POLICY } from '../../src/sign/policy.ts'

/** The sub-indications of ETSI EN 319 102-1 that a policy may give, by their indication. */
const STANDARD: Readonly<Record<string, readonly string[]>> = {
  TOTAL_FAILED: ['FORMAT_FAILURE', 'HASH_FAILURE', 'SIG_CRYPTO_FAILURE', 'REVOKED', 'EXPIRED', 'NOT_YET_VALID'],
  INDETERMINATE: [
    'SIG_CONSTRAINTS_FAILURE',
    'CHAIN_CONSTRAINTS_FAILURE',
    'CERTIFICATE_CHAIN_GENERAL_FAILURE',
    'CRYPTO_CONSTRAINTS_FAILURE',
    'NO_SIGNING_CERTIFICATE_FOUND',
    'NO_CERTIFICATE_CHAIN_FOUND',
    'REVOKED_NO_POE',
    'REVOKED_CA_NO_POE',
    'OUT_OF_BOUNDS_NOT_REVOKED',
    'OUT_OF_BOUNDS_NO_POE',
    'NO_POE',
    'TRY_LATER',
    'TIMESTAMP_ORDER_FAILURE',
    'SIGNED_DATA_NOT_FOUND',
  ],
}

const checks = { format: FORMAT, ...POLICY }

describe.each(Object.entries(checks))('the check %s', (name, rows) => {
  const rulings = rows.map(([, ruling]) => ruling)

  it('has a last row that always holds', () => {
    const [holds] = rows.at(-1) ?? []
    expect(holds?.({} as never)).toBe(true)
  })

  it('weighs in the words of the standard', () => {
    for (const { indication, subIndication } of rulings) {
      if (indication === undefined || subIndication === undefined) continue
      expect(STANDARD[indication]).toContain(subIndication)
    }
  })

  it('lets nothing that failed pass', () => {
    expect(rulings.filter(({ verdict, indication }) => verdict === 'failed' && indication === undefined)).toEqual([])
  })

  it('lets the whole pass unchecked only where that was asked for, no time-stamp is there, no purpose is told, or the signer is a claim', () => {
    const harmless = rulings.filter(({ verdict, indication }) => verdict === 'not-checked' && indication === undefined)
    expect(harmless.length).toBe(['revocation', 'timestamps', 'purpose', 'signer'].includes(name) ? 1 : 0)
  })
})
