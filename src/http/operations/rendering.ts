/** `Bundle/$render`: a document as a page for people. */

import type { Issue } from '../../fhir/issue.ts'
import type { Bundle } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { present, print } from '../../pipeline.ts'
import { bundleFrom, withPage, type PageChoice } from '../../request.ts'
import { bytesAnswer, issuesHeader, type Answer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation, type Call } from '../route.ts'

const { lang, template, archive } = OPTIONS

/** The page of a document in the format wanted; the number of errors, those of its making too, in the header. */
export async function rendering(bundle: Bundle, call: Rendering, issues: readonly Issue[] = []): Promise<Answer> {
  const { wanted, values, service, signal } = call
  const page = present(bundle, withPage(service.design, values), service.edge)
  const printed = wanted.format === 'pdf' ? await print(page, service.edge, signal) : undefined
  const header = issuesHeader([...issues, ...(printed ?? page).issues])
  return bytesAnswer(printed?.pdf ?? page.xhtml, wanted.contentType, header)
}

type Rendering = Pick<Call, 'wanted' | 'service' | 'signal'> & { readonly values: PageChoice }

export const renderRoute = operation({
  path: '/fhir/Bundle/$render',
  code: 'render',
  type: 'Bundle',
  text: 'the document as a page for people',
  formats: [FORMATS.xhtml, FORMATS.pdf],
  parameters: { lang, template, archive },
  later: [],
  part: 'content',
  output: [{ name: 'return', type: 'Binary', least: 1, most: '1', text: 'the page, sent as it is' }],
  answer: (call) => rendering(bundleFrom(call.content), call),
})
