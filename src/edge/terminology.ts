/** A terminology server over HTTP: `$validate-code`, each question asked once and its answer kept. @see https://hl7.org/fhir/R4/valueset-operation-validate-code.html */

import { parseJson } from '../fhir/json.ts'
import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import type { CodeQuestion, TerminologyServer } from '../ports.ts'
import { openNetwork, type Network, type NetworkOptions } from './network/network.ts'

export interface TerminologyOptions extends NetworkOptions {
  /** The FHIR base, whose host is the only one that is asked. */
  readonly url: string
  /** For all questions of one document (20,000); what has no answer by then stays open. */
  readonly allMs?: number
  /** How many answers are kept (20,000). */
  readonly maxKept?: number
  /** Told why a question had no answer. */
  readonly onFailure?: (cause: unknown) => void
}

type Answer = 'in' | 'out' | 'unknown'

const defaults = { allMs: 20_000, maxKept: 20_000, timeoutMs: 10_000, maxBytes: 1024 * 1024, attempts: 2 } as const

/** The server at an address. */
export function terminologyServer({ url, ...options }: TerminologyOptions): TerminologyServer {
  const { allMs, maxKept, ...network } = { ...defaults, ...options }
  const send = openNetwork([new URL(url).hostname], network)
  const base = url.replace(/\/+$/, '')
  const kept = new Map<string, Promise<Answer>>()
  const ask = (question: CodeQuestion, signal: AbortSignal): Promise<Answer> => {
    const key = keyOf(question)
    const known = kept.get(key)
    if (known !== undefined) return known
    const answer = answerOf(question, { base, send, signal }).catch((cause: unknown) => {
      // what failed for the moment is asked again the next time
      kept.delete(key)
      options.onFailure?.(cause)
      return 'unknown' as const
    })
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? '')
    kept.set(key, answer)
    return answer
  }
  return {
    judge: (questions) => {
      const signal = AbortSignal.timeout(allMs)
      return Promise.all(questions.map((question) => ask(question, signal)))
    },
  }
}

/** The display does not matter to what a code is. */
function keyOf({ valueSet = '', codings }: CodeQuestion): string {
  return JSON.stringify([valueSet, ...codings.map(({ system, version, code }) => [system, version, code])])
}

interface Asking {
  readonly base: string
  readonly send: Network
  readonly signal: AbortSignal
}

/** @throws FhirError where there was no answer, or one that is none */
async function answerOf(question: CodeQuestion, { base, send, signal }: Asking): Promise<Answer> {
  const type = question.valueSet === undefined ? 'CodeSystem' : 'ValueSet'
  const parameter = question.valueSet === undefined ? ofSystem(question) : ofValueSet(question)
  const { status, body } = await send({
    method: 'POST',
    url: `${base}/${type}/$validate-code`,
    headers: { accept: 'application/fhir+json', 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
    signal,
  })
  // it does not know the value set or the system: it will not know it a minute later either
  if (status === 404 || status === 422 || status === 400) return 'unknown'
  if (status !== 200) throw new Error(`The terminology server answered with status ${status}`)
  return verdictIn(parseJson(body))
}

function ofValueSet({ valueSet = '', codings }: CodeQuestion): readonly JsonObject[] {
  const [url = '', version] = valueSet.split('|')
  const [first] = codings
  const asked = { name: 'url', valueUri: url }
  const ofVersion = version === undefined ? [] : [{ name: 'valueSetVersion', valueString: version }]
  if (codings.length === 1 && first !== undefined && first.system === undefined)
    return [
      asked,
      ...ofVersion,
      { name: 'code', valueCode: first.code ?? '' },
      { name: 'inferSystem', valueBoolean: true },
    ]
  return [asked, ...ofVersion, { name: 'codeableConcept', valueCodeableConcept: { coding: codings.map(bare) } }]
}

function ofSystem({ codings: [coding = {}] }: CodeQuestion): readonly JsonObject[] {
  return [
    { name: 'url', valueUri: coding.system ?? '' },
    { name: 'code', valueCode: coding.code ?? '' },
    ...(coding.version === undefined ? [] : [{ name: 'version', valueString: coding.version }]),
  ]
}

function bare({ system, version, code }: JsonObject): JsonObject {
  return {
    ...(system !== undefined && { system }),
    ...(version !== undefined && { version }),
    ...(code !== undefined && { code }),
  }
}

/** The answer in Parameters; a no because the server has not the code system is no answer. */
function verdictIn(answer: Json): Answer {
  const rows = isObject(answer) && answer['resourceType'] === 'Parameters' ? answer['parameter'] : undefined
  const named = (name: string): JsonObject | undefined =>
    Array.isArray(rows) ? (rows as readonly Json[]).filter(isObject).find((one) => one['name'] === name) : undefined
  const result = named('result')?.['valueBoolean']
  if (result === true) return 'in'
  if (result !== false || named('x-unknown-system') !== undefined || named('x-caused-by-unknown-system') !== undefined)
    return 'unknown'
  return 'out'
}
