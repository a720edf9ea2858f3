/** A service on a free port, for the length of a test file. */

import type { Express } from 'express'
import { listen } from '../../src/http/server.ts'
import { atEnd } from '../ending.ts'

/** The origin of the application once it listens; closed after the tests of the file. */
export async function serving(app: Express, timeoutMs = 5_000): Promise<string> {
  const { port, close } = await listen(app, { host: '127.0.0.1', port: 0, timeoutMs })
  atEnd(close)
  return `http://127.0.0.1:${port}`
}

/** The first issue's text of an answer that is an OperationOutcome. */
export async function issueText(answer: Response): Promise<string> {
  const { resourceType, issue } = (await answer.json()) as {
    resourceType: string
    issue: { details: { text: string } }[]
  }
  return resourceType === 'OperationOutcome' ? (issue[0]?.details.text ?? 'no issue') : `a ${resourceType}`
}
