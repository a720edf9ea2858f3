/** Operations as rows: one row stands for every method and level at which it is called. @see https://hl7.org/fhir/R4/operations.html */

import { bytesOf } from '../fhir/bytes.ts'
import { parseJson } from '../fhir/json.ts'
import type { Resource } from '../fhir/types.ts'
import type { Original } from '../ports.ts'
import { FHIR_JSON, type Answer } from './answer.ts'
import { FORMATS, type Format } from './negotiation.ts'
import { fromBody, fromPairs, optionsOf, readOptions, type ParameterTable } from './parameters.ts'
import type { Call, Level, Operation, Route } from './route.ts'

export interface PostedCall<P extends ParameterTable = ParameterTable> extends Call<P> {
  /** The resource that the operation is about. */
  readonly content: Resource
  /** Its bytes: the body where that is the resource itself, else as it would be written. */
  readonly posted: Original
}

interface OperationRow<P extends ParameterTable, C> extends Omit<Operation, 'level' | 'part'> {
  readonly text: string
  readonly formats: readonly Format[]
  readonly parameters: P
  readonly later: readonly string[]
  readonly isAvailable?: Route['isAvailable']
  readonly isOfAnyVersion?: true
  readonly answer: (call: C) => Answer | Promise<Answer>
}

/** A row of an operation on a resource that is posted to the system or, where it has one, to its type. */
export function operation<const P extends ParameterTable>(
  row: OperationRow<P, PostedCall<P>> & { readonly part: 'content' | 'resource' },
): Route {
  const { part, answer, ...rest } = row
  return {
    ...routeOf(rest, row.type === undefined ? 'system' : 'type'),
    method: 'POST',
    operation: { ...operationOf(rest, row.type === undefined ? 'system' : 'type'), part },
    answer: (call) => {
      const body = parseJson(call.body.bytes)
      const { content, given } = fromBody(body, part)
      const values = readOptions([...fromPairs(call.query), ...given], row)
      call.trail?.about(content)
      const posted = content === body ? call.received : { bytes: bytesOf(content), mediaType: FHIR_JSON }
      return answer({ ...call, content, posted, values })
    },
  }
}

/** Rows of an operation on what is stored: by GET where it writes nothing, and by POST with its options in Parameters. */
export function storedOperation<const P extends ParameterTable>(
  row: OperationRow<P, Call<P>> & { readonly levels: readonly [Level, ...Level[]] },
): readonly Route[] {
  const { levels, answer, ...rest } = row
  return levels.flatMap((level): readonly Route[] => {
    const base = { ...routeOf(rest, level), operation: operationOf(rest, level) }
    const get: Route = { ...base, method: 'GET', answer: answer as unknown as Route['answer'] }
    const post: Route = {
      ...base,
      method: 'POST',
      isBodyOptional: true,
      answer: (call) => {
        const given = call.body.bytes.length === 0 ? [] : optionsOf(parseJson(call.body.bytes))
        const values = readOptions([...fromPairs(call.query), ...given], row)
        return answer({ ...call, values })
      },
    }
    return row.affectsState === true ? [post] : [get, post]
  })
}

type Common = Omit<OperationRow<ParameterTable, never>, 'answer'>

function operationOf({ code, type, definition, output, affectsState }: Common, level: Level): Operation {
  return {
    code,
    level,
    output,
    ...(type !== undefined && { type }),
    ...(definition !== undefined && { definition }),
    ...(affectsState !== undefined && { affectsState }),
  }
}

function routeOf(row: Common, level: Level): Omit<Route, 'method' | 'answer'> {
  const { text, formats, parameters, later, isAvailable, isOfAnyVersion } = row
  const reads = FORMATS.json.mediaTypes
  return { path: pathOf(row, level), text, formats, parameters, later, isAvailable, isOfAnyVersion, reads }
}

const ANY_TYPE = 'Resource'

function pathOf({ type = ANY_TYPE, code }: Pick<Operation, 'type' | 'code'>, level: Level): string {
  const onType = type === ANY_TYPE ? ':type' : type
  const before = { system: '', type: `/${onType}`, instance: `/${onType}/:id` }[level]
  return `/fhir${before}/$${code}`
}
