/** Requests to a service, as tests write them. */

import { FHIR } from './rest-service.ts'

export type Headers = Readonly<Record<string, string>>

/** Sends to the FHIR base that it was made for. */
export interface Requests {
  readonly send: (method: string, path: string, body?: object | string, headers?: Headers) => Promise<Response>
  /** The first issue of what is refused. */
  readonly refused: (asked: Promise<Response>) => Promise<Refused>
}

export interface Refused {
  readonly status: number
  readonly code: string
  readonly text: string
  readonly expression: string | undefined
}

/** A resource as it came. */
export interface Body {
  readonly resourceType: string
  readonly id: string
  readonly meta: {
    readonly versionId: string
    readonly lastUpdated: string
    readonly tag?: readonly { code: string }[]
  }
  readonly [name: string]: unknown
}

/** An entry of a Bundle that came. */
export interface Entry {
  readonly fullUrl?: string
  readonly resource?: Body
  readonly search?: { readonly mode: string }
  readonly request?: { readonly method: string; readonly url: string }
  readonly response?: {
    readonly status: string
    readonly location?: string
    readonly etag?: string
    readonly outcome?: { readonly issue: readonly { readonly expression?: readonly string[] }[] }
  }
}

export interface BundleBody {
  readonly type: string
  readonly total?: number
  readonly link: readonly { readonly relation: string; readonly url: string }[]
  readonly entry?: readonly Entry[]
}

/** Requests to the base that is known when they are sent. */
export function requests(base: () => string): Requests {
  const send: Requests['send'] = (method, path, body, headers = {}) => {
    const text = typeof body === 'object' ? JSON.stringify(body) : body
    const type = body === undefined ? {} : FHIR
    return fetch(`${base()}${path === '' ? '' : `/${path}`}`, {
      method,
      headers: { ...type, ...headers },
      ...(text !== undefined && { body: text }),
    })
  }
  const refused: Requests['refused'] = async (asked) => {
    const answer = await asked
    const { issue } = (await answer.json()) as {
      issue: readonly { code: string; details: { text: string }; expression?: readonly string[] }[]
    }
    const [first] = issue
    return {
      status: answer.status,
      code: first?.code ?? '',
      text: first?.details.text ?? '',
      expression: first?.expression?.[0],
    }
  }
  return { send, refused }
}

/** The resource that an answer is. */
export async function bodyOf(answer: Response | Promise<Response>): Promise<Body> {
  return (await (await answer).json()) as Body
}

/** The Bundle that an answer is. */
export async function bundleOf(answer: Response | Promise<Response>): Promise<BundleBody> {
  return (await (await answer).json()) as BundleBody
}
