/** A signature made to last by the form of its page, at the levels that the settings allow. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { visitor, type Visitor } from '../../local-service.ts'
import { testAuthority } from '../../signing.ts'
import { testTsa } from '../../stamping.ts'
import { attested, begun, posted, textOf } from './desk-forms.ts'
import { openDesk, type Desk } from './desk-service.ts'

const day = (days: number): string => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19)}Z`
const period = { from: day(-2), until: day(60) }
const root = testAuthority('Root', period)
const genTime = day(0)
const { stamper } = testTsa(root, genTime, period)
const crl = root.list({ thisUpdate: day(-1), nextUpdate: day(30) })

describe('a sealed document', { timeout: 120_000 }, () => {
  let desks: readonly Desk[] = []
  let browsers: readonly Visitor[] = []

  beforeAll(async () => {
    desks = await Promise.all([openDesk({ lasting: { stamper, trust: root.anchor, crl } }), openDesk()])
    browsers = desks.map(({ url }) => visitor(url))
  }, 120_000)
  afterAll(() => Promise.all(desks.map((desk) => desk.close())))

  async function sealed(browser: Visitor): Promise<string> {
    const path = await attested(browser, await begun(browser))
    await posted(browser, `${path}/sign/seal`, {})
    return path
  }

  it('is offered every level, and its page tells the one it has', async () => {
    const [browser = expect.fail()] = browsers
    const path = await sealed(browser)
    expect(await textOf(browser, `${path}/sign`)).toMatch(/value="T"[^]*value="LT"[^]*value="LTA"/)
    const before = await textOf(browser, `${path}/json`)
    expect(await posted(browser, `${path}/sign/last`, { level: 'T' })).toBe(path)
    expect(await textOf(browser, path)).toContain('JAdES · B-T')
    expect(await posted(browser, `${path}/sign/last`, { level: 'LTA' })).toBe(path)
    expect(await textOf(browser, path)).toContain('JAdES · B-LTA')
    expect(await textOf(browser, `${path}/json`)).toBe(before)
  })

  it('is offered none where the service has no authority for time-stamps, nor before it is signed', async () => {
    const [lasting = expect.fail(), plain = expect.fail()] = browsers
    expect(await textOf(plain, `${await sealed(plain)}/sign`)).not.toContain('value="LTA"')
    expect(await textOf(lasting, `${await attested(lasting, await begun(lasting))}/sign`)).not.toContain('value="LTA"')
  })
})
