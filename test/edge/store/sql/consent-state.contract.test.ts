/** The state of the consents over every store: another name as soon as one changes, whoever changes it. */

import { describe, expect, it } from 'vitest'
import type { Change, Store } from '../../../../src/ports.ts'
import { probeIndex } from './probe-index.ts'
import { KINDS, LASTING, put, stores, write } from './stores.ts'

const { url, open } = stores()
const index = probeIndex

function of(type: string, id: string, method: Change['method'] = 'PUT'): Change {
  return { type, id, method, ...(method !== 'DELETE' && { resource: { resourceType: type, count: 1 } }) }
}

function stateOf(store: Store): Promise<string | undefined> {
  return store.snapshot(async (reader) => reader.consentState?.())
}

describe.each(KINDS)('%s', (kind) => {
  it('is another after each change of a consent, or of who somebody is', async () => {
    const store = await open(await url(kind), { index })
    const states = [await stateOf(store)]
    const changes = [of('Consent', '1'), of('Consent', '1'), of('PractitionerRole', '1'), of('CareTeam', '1'), of('Group', '1'), of('RelatedPerson', '1'), of('Consent', '1', 'DELETE')] // prettier-ignore
    for (const change of changes) {
      await write(store, change)
      states.push(await stateOf(store))
    }
    await store.transaction(async (writer) => writer.erase?.({ type: 'Consent', id: '1' }, { reason: 'x', basis: 'y' }))
    states.push(await stateOf(store))
    expect(states).not.toContain(undefined)
    expect(new Set(states).size).toBe(states.length)
  })

  it('stays while others change, and where a change is undone', async () => {
    const store = await open(await url(kind), { index })
    const before = await stateOf(store)
    await write(store, put('1', { count: 1 }))
    const undone = store.transaction(async (writer) => {
      await writer.write(of('Consent', '1'))
      throw new TypeError('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await stateOf(store)).toBe(before)
  })

  it('is of no transaction that writes, and of no other store', async () => {
    const [store, other] = [await open(await url(kind), { index }), await open(await url(kind), { index })]
    expect(await store.transaction((writer) => Promise.resolve('consentState' in writer))).toBe(false)
    expect(await stateOf(store)).not.toBe(await stateOf(other))
  })
})

describe.each(LASTING)('%s', (kind) => {
  it('is another for whoever has the store open too, and is so for the snapshot that sees the change', async () => {
    const shared = await url(kind)
    const [one, two] = [await open(shared, { index }), await open(shared, { index })]
    const before = await stateOf(two)
    await Promise.all(['a', 'b', 'c'].map((id) => write(one, of('Consent', id))))
    const [state, found] = await two.snapshot(async (reader) => [
      await reader.consentState?.(),
      await reader.read(['a', 'b', 'c'].map((id) => ({ type: 'Consent', id }))),
    ])
    expect(state).not.toBe(before)
    expect(found.every((version) => version?.text !== undefined)).toBe(true)
  })
})
