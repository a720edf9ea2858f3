/** The inside of a thread of threads.ts: calls one function of one module with what it is sent, and sends back what comes of it. */

import { parentPort, workerData } from 'node:worker_threads'
import { FhirError } from '../fhir/error.ts'
import type { Outcome, ThreadData } from './threads.ts'

const { module, name } = workerData as ThreadData
const members = (await import(module)) as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

parentPort?.on('message', (args: readonly unknown[]) => {
  const outcome = outcomeOf(args)
  const bytes = 'result' in outcome && outcome.result instanceof Uint8Array ? outcome.result : undefined
  // a part of a larger memory is copied: the rest of it may be in use
  const isWhole = bytes?.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
  parentPort?.postMessage(outcome, isWhole ? [bytes.buffer] : [])
})

function outcomeOf(args: readonly unknown[]): Outcome {
  try {
    return { result: members[name]?.(...args) }
  } catch (error) {
    if (error instanceof FhirError) return { issues: error.issues }
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
