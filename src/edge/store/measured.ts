/** A store that tells how long each question took, and which writes met a conflict. */

import { FhirError } from '../../fhir/error.ts'
import type { Store, StoreReader, StoreWriter } from '../../ports.ts'
import type { Metrics } from '../metrics.ts'

type Measure = Pick<Metrics, 'stored' | 'conflicted'>

/** The store given, measured. */
export function measuredStore(store: Store, measure: Measure): Store {
  return {
    snapshot: (work, extent) =>
      measure.stored('snapshot', () => store.snapshot((reader) => work(measuredReader(reader, measure)), extent)),
    transaction: (work) =>
      measure.stored('transaction', () =>
        store
          .transaction((writer) => work(measuredWriter(writer, measure)))
          .catch((error: unknown) => {
            if (isConflict(error)) measure.conflicted()
            throw error
          }),
      ),
    isReady: atMostEach(READY_MS, () => store.isReady()),
    close: () => store.close(),
    ...(store.audit !== undefined && { audit: store.audit }),
    ...(store.compact !== undefined && { compact: store.compact }),
  }
}

function measuredReader(reader: StoreReader, { stored }: Measure): StoreReader {
  return {
    ...reader,
    read: (keys) => stored('read', () => reader.read(keys)),
    versions: (keys) => stored('versions', () => reader.versions(keys)),
    vread: (key, versionId) => stored('vread', () => reader.vread(key, versionId)),
    history: (request) => stored('history', () => reader.history(request)),
    search: (request) => stored('search', () => reader.search(request)),
    identified: (identifiers) => stored('identified', () => reader.identified(identifiers)),
    provenances: (names) => stored('provenances', () => reader.provenances(names)),
    ...(reader.consents !== undefined && {
      consents: (patients, people) => stored('consents', async () => (await reader.consents?.(patients, people)) ?? []),
    }),
    original: (key, versionId) => stored('original', () => reader.original(key, versionId)),
    receipt: (key, versionId) => stored('receipt', () => reader.receipt(key, versionId)),
  }
}

function measuredWriter(writer: StoreWriter, measure: Measure): StoreWriter {
  return {
    ...writer,
    ...measuredReader(writer, measure),
    write: (change) => measure.stored('write', () => writer.write(change)),
  }
}

/** A probe costs a write, so many probes share one. */
const READY_MS = 1_000

function atMostEach<T>(ms: number, work: () => Promise<T>): () => Promise<T> {
  let last: { readonly result: Promise<T>; readonly endsMs: number } | undefined
  return () => {
    if (last === undefined || last.endsMs < performance.now()) last = { result: work(), endsMs: performance.now() + ms }
    return last.result
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof FhirError && error.issues.some(({ code }) => code === 'conflict')
}
