/** Forms are read as browsers send them, within bounds, and only those of our own pages. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { Refusal } from '../../src/http/answer.ts'
import type { Call } from '../../src/http/route.ts'
import { formOf, tokenOf, type Form } from '../../src/web/form.ts'

const BASE = 'http://127.0.0.1:8080/fhir'

function callWith(body: Uint8Array, mediaType: string, headers: Readonly<Record<string, string>>, base = BASE): Call {
  const header = (name: string): string | undefined => headers[name]
  return { received: { bytes: body, mediaType }, header, service: { base } } as unknown as Call
}

const COOKIE = 'fhirdoc-visit=5e1ac3f4-afad-424f-8956-a1c69ebd16b6'
const token = tokenOf(callWith(new Uint8Array(), '', { Cookie: COOKIE })) ?? ''

/** A form as the platform itself writes it. */
async function posted(form: FormData | URLSearchParams, headers = { Cookie: COOKIE }): Promise<Form> {
  const request = new Request('http://127.0.0.1/', { method: 'POST', body: form })
  const bytes = new Uint8Array(await request.arrayBuffer())
  return formOf(callWith(bytes, request.headers.get('Content-Type') ?? '', headers))
}

function dataOf(fields: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  return data
}

describe('a form', () => {
  it('gives its fields, line ends as line feeds, and its files byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256)
    const form = await posted(dataOf({ token, text: 'a\r\nb\rc\nd', file: new File([bytes], 'ä "x".pdf', { type: 'application/pdf' }) })) // prettier-ignore
    expect([form.value('text'), form.values('none'), form.value('none')]).toEqual(['a\nb\nc\nd', [], ''])
    expect(form.file('file')).toEqual({ name: 'ä "x".pdf', mediaType: 'application/pdf', bytes: Buffer.from(bytes) })
    expect([form.file('text'), form.value('file')]).toEqual([undefined, ''])
  })

  it('gives each value of a name that repeats, whether or not it came with files', async () => {
    const pairs = [['token', token], ['a', '1'], ['a', '2 & 3'], ['ü', '']] as const // prettier-ignore
    const data = new FormData()
    for (const [name, value] of pairs) data.append(name, value)
    for (const body of [new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])), data]) {
      const form = await posted(body)
      expect([form.values('a'), form.values('ü')]).toEqual([['1', '2 & 3'], ['']])
    }
  })

  it('without a file that was chosen has none', async () => {
    const form = await posted(dataOf({ token, file: new File([], '') }))
    expect(form.file('file')).toBeUndefined()
  })

  it('reads back whatever bytes a file holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const form = await posted(dataOf({ token, file: new File([Buffer.from(bytes)], 'x') }))
        expect(form.file('file')?.bytes).toEqual(Buffer.from(bytes))
      }),
      { numRuns: 50 },
    )
  })

  it('that is malformed is refused, never half read', () => {
    const boundary = 'multipart/form-data; boundary=x'
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.constantFrom('', '--x', '--x\r\n\r\n', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'), (text, start) => {
        const call = callWith(Buffer.from(start + text), boundary, { Cookie: COOKIE })
        expect(() => formOf(call)).toThrow()
        try {
          formOf(call)
        } catch (error) {
          expect(error instanceof FhirError || error instanceof Refusal).toBe(true)
        }
      }),
    ) // prettier-ignore
    expect(() => formOf(callWith(Buffer.from('--x--'), 'multipart/form-data', { Cookie: COOKIE }))).toThrow(FhirError)
  })

  it('of more parts than a form of ours has is refused', async () => {
    const data = new FormData()
    for (let count = 0; count < 1_001; count += 1) data.append(`f${count}`, 'x')
    await expect(posted(data)).rejects.toThrow('more than 1000 parts')
    const fields = Array.from({ length: 10_001 }, (_, count): [string, string] => [`f${count}`, 'x'])
    await expect(posted(new URLSearchParams(fields))).rejects.toThrow('more than 10000 fields')
  })
})

describe('the token', () => {
  it('is that of the browser alone: none, another, or one of a browser that holds nothing is refused', async () => {
    const fields = (given: string): URLSearchParams => new URLSearchParams({ token: given })
    await expect(posted(fields(token))).resolves.toBeDefined()
    const others = [
      posted(fields('')),
      posted(fields(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)),
      posted(fields(token), { Cookie: 'fhirdoc-visit=other' }),
      posted(fields(token), { Cookie: '' }),
      posted(fields('')),
    ]
    for (const other of others) await expect(other).rejects.toMatchObject({ status: 403 })
  })

  it('changes with the login, and tells nothing of what the browser holds', () => {
    const session = tokenOf(callWith(new Uint8Array(), '', { Cookie: `${COOKIE}; fhirdoc-session=secret` }))
    expect(session).toMatch(/^[\w-]{43}$/)
    expect([session === token, session?.includes('secret')]).toEqual([false, false])
  })

  it('is of cookies that only this host can set, where there is TLS', () => {
    const at = (cookie: string): string | undefined => tokenOf(callWith(new Uint8Array(), '', { Cookie: cookie }, 'https://documents.example/fhir')) // prettier-ignore
    expect([at(COOKIE), at('__Host-fhirdoc-visit=x') === undefined]).toEqual([undefined, false])
  })
})
