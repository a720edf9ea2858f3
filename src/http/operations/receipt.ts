/** `Bundle/{id}/$receipt`: what was done with every reference when a document was made. */

import { fail } from '../../fhir/error.ts'
import { isObject } from '../../fhir/types.ts'
import { excerpt } from '../../shape.ts'
import { jsonAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import { currentOf } from './stored.ts'

export const receiptRoutes = storedOperation({
  code: 'receipt',
  type: 'Bundle',
  levels: ['instance'],
  text: 'what was done with every reference when the stored document was made, and its issues',
  formats: [FORMATS.data],
  parameters: {},
  later: [],
  output: [{ name: 'return', type: 'Binary', least: 1, most: '1', text: 'the receipt as JSON, sent as it is' }],
  answer: async ({ id, service, pretty }) => {
    const receipt = await service.store.snapshot(async (reader) => {
      await currentOf(reader, 'Bundle', id)
      return reader.receipt({ type: 'Bundle', id })
    })
    if (isObject(receipt)) return jsonAnswer(receipt, pretty)
    throw fail('not-found', `Bundle/${excerpt(id)} has no receipt, as it was not made from what this service stores`)
  },
})
