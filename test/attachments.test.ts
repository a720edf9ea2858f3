/** An attachment whose content no source has is told as absent with an issue, and one that is kept back is left as it is (H-17). */

import { describe, expect, it } from 'vitest'
import { withoutLost } from '../src/attachments.ts'
import type { JsonObject, Resource } from '../src/fhir/types.ts'
import type { Found, Source } from '../src/ports.ts'
import { model } from './model.ts'

const BASE = 'https://example.org/fhir'

function letter(...attachments: readonly JsonObject[]): Found {
  const resource: Resource = {
    resourceType: 'DocumentReference',
    id: 'd',
    meta: { versionId: '3', lastUpdated: '2026-01-01T00:00:00Z', source: 'urn:x' },
    status: 'current',
    content: attachments.map((attachment) => ({ attachment })),
  }
  return { resource, url: `${BASE}/DocumentReference/d`, source: 'record' }
}

/** A source that has these Binaries, and keeps others back. */
function sourceOf(has: readonly string[], keeps: readonly string[] = []): Source {
  const urlOf = (target: { readonly url?: string }): string => target.url ?? ''
  return {
    name: 'record',
    base: BASE,
    read: (targets) =>
      Promise.resolve(
        targets.map((target) => {
          const url = urlOf(target as { url?: string })
          return has.includes(url) ? [{ resource: { resourceType: 'Binary' }, url, source: 'record' }] : []
        }),
      ),
    provenances: () => Promise.resolve([]),
    withheld: (targets) => Promise.resolve(targets.map((target) => keeps.includes(urlOf(target as { url?: string })))),
  }
}

async function attached(found: Found, ...sources: readonly Source[]): ReturnType<typeof withoutLost> {
  return withoutLost([found], sources, model)
}

describe('an attachment', () => {
  it('whose Binary no source has is told as absent, with its title, and is an issue', async () => {
    const { found, issues } = await attached(letter({ url: 'Binary/gone', title: 'Letter of 2024' }), sourceOf([]))
    expect(found[0]?.resource['content']).toEqual([
      {
        attachment: {
          title: 'Letter of 2024',
          _url: { extension: [expect.objectContaining({ valueCode: 'unknown' })] },
        },
      },
    ])
    expect(found[0]?.resource.meta).toEqual({ source: 'urn:x' })
    expect(issues).toMatchObject([{ severity: 'warning', rule: 'attachment-lost' }])
    expect(issues[0]?.text).toContain('Binary/gone')
  })

  it('is left alone where any source has it', async () => {
    const own = letter({ url: 'Binary/b' })
    const { found, issues } = await attached(own, sourceOf([]), sourceOf([`${BASE}/Binary/b`]))
    expect(found).toEqual([own])
    expect(issues).toEqual([])
  })

  it('that is kept back from whoever asks is no lost one', async () => {
    const own = letter({ url: `${BASE}/Binary/secret` })
    expect((await attached(own, sourceOf([], [`${BASE}/Binary/secret`]))).found).toEqual([own])
  })

  it('with its content beside it, or elsewhere than in a Binary, is not looked for', async () => {
    const own = letter({ url: 'Binary/b', data: 'AAAA' }, { url: 'https://example.org/letter.pdf' })
    expect((await attached(own, sourceOf([]))).found).toEqual([own])
  })
})
