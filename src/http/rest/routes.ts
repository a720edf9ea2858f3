/** The RESTful API as rows. @see https://hl7.org/fhir/R4/http.html */

import { fail } from '../../fhir/error.ts'
import { parseJson, stringify } from '../../fhir/json.ts'
import { isBundle, type Bundle } from '../../fhir/types.ts'
import { bundleFrom } from '../../request.ts'
import { excerpt } from '../../shape.ts'
import { resourceAnswer, type Headers } from '../answer.ts'
import { knownOf } from '../operations/stored.ts'
import { FORMATS } from '../negotiation.ts'
import { interaction, type Call, type Route } from '../route.ts'
import { isStoredWhole } from './admission.ts'
import type { Outcome } from './ask.ts'
import { batch } from './batch.ts'
import { binaryRoutes } from './binary.ts'
import { answerTo, askOf } from './exchange.ts'
import { ACTS, mustBeAwaited, perform, type Act } from './interactions.ts'
import { preferences } from './prefer.ts'
import { transact } from './transaction.ts'

function routeOf(act: Act): Route {
  const { code, level, capability, text, method, path, parameters, isFree, reads, isBodyOptional } = act
  return interaction({
    method,
    path,
    text,
    parameters,
    formats: [FORMATS.json],
    later: [],
    interaction: { codes: [code], level, ...(capability !== undefined && { capability }) },
    ...(isFree !== undefined && { isFree }),
    ...(reads !== undefined && { reads }),
    ...(isBodyOptional !== undefined && { isBodyOptional }),
    answer: async (call) => {
      const done = await perform(act, askOf(act, call), call)
      const answer = answerTo(act, call, done)
      return act.code === 'read'
        ? { ...answer, headers: { ...answer.headers, ...(await knownAgainst(done, call)) } }
        : answer
    },
  })
}

/** What the store knows against a document that is read (H-7). */
async function knownAgainst({ version }: Outcome, { service }: Call): Promise<Headers> {
  const { resource } = version ?? {}
  return isBundle(resource) && isStoredWhole(resource) ? (await knownOf(resource, service)).headers : {}
}

const bundleRoute = interaction({
  method: 'POST',
  path: '/fhir',
  text: 'what came of each entry of a transaction, which is done whole or not at all, or of a batch',
  formats: [FORMATS.json],
  parameters: {},
  later: [],
  reads: FORMATS.json.mediaTypes,
  interaction: { codes: ['transaction', 'batch'], level: 'system' },
  answer: async ({ body, service, header, signal, pretty, trail, dispatch }) => {
    const bundle = bundleFrom(parseJson(body.bytes))
    const preferred = preferences(header('Prefer'))
    const type = typeOf(bundle)
    trail?.become(type)
    const done =
      type === 'batch'
        ? await batch(bundle, preferred, { service, dispatch, signal })
        : await service.store.transaction(async (writer) => {
            const response = await transact(bundle, preferred, { writer, service })
            mustBeAwaited(signal)
            return response
          })
    return resourceAnswer(done, pretty)
  },
})

function typeOf({ type }: Bundle): 'batch' | 'transaction' {
  if (type === 'batch' || type === 'transaction') return type
  throw fail('value', `The Bundle is of type ${excerpt(stringify(type ?? null))}, expected batch or transaction`, {
    expression: 'Bundle.type',
  })
}

export const restRoutes: readonly Route[] = [...binaryRoutes, ...ACTS.map(routeOf), bundleRoute]
