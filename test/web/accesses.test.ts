import { describe, expect, it } from 'vitest'
import { lineOf, type Act } from '../../src/audit/act.ts'
import { auditEventOf } from '../../src/audit/event.ts'
import { rowOf } from '../../src/web/accesses.ts'

const words = { show: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)), phrase: (key: string) => key } // prettier-ignore

function row(act: Partial<Act>): ReturnType<typeof rowOf> {
  const text = lineOf({ at: '2026-03-01T10:00:00.000Z', kind: 'read', outcome: '0', address: '10.0.0.7', server: 'https://our.example/fhir', ...act }) // prettier-ignore
  return rowOf(auditEventOf({ text, digest: 'a'.repeat(64) }), words)
}

describe('A row of the accesses', () => {
  it('tells when, who, with what, from where and what came of it', () => {
    const who = { issuer: 'https://id.example', subject: 'mira', name: 'Mira Muster', client: 'ward-app', roles: [] }
    expect(row({ who })).toMatchObject({
      when: '2026-03-01T10:00:00.000Z',
      who: 'Mira Muster',
      application: 'ward-app',
      act: 'read',
      outcome: 'web.accesses.done',
      from: '10.0.0.7',
    })
  })

  it('tells whoever has no name by what they are known by, and nobody as nobody', () => {
    const who = { issuer: 'https://id.example', subject: 'mira', roles: [] }
    expect([row({ who }).who, row({}).who]).toEqual(['mira', 'web.accesses.nobody'])
  })

  it('tells an operation by its name, a refusal by its status, and why somebody broke the glass', () => {
    expect(row({ kind: '$document' }).act).toBe('$document')
    expect(row({ outcome: '8', status: 403, issue: 'forbidden' })).toMatchObject({
      outcome: 'HTTP 403 forbidden',
      tone: 'grave',
    })
    const broken = row({ kind: '$document', purposes: ['ETREAT'], emergency: 'unconscious' })
    expect(broken.why).toContain('unconscious')
    expect(broken.act).toBe('$document, Emergency Override Started')
  })
})
