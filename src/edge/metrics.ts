/** The door to prom-client: what the service counts and times, for Prometheus. Labels come from tables, never from a request. */

import cluster from 'node:cluster'
import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  prometheusContentType,
} from 'prom-client'
import { pageOfAll } from './gathering.ts'

/** A request that was answered, or broken off. */
export interface Answered {
  /** The pattern of the route; none where nothing is at the path. */
  readonly route: string | undefined
  readonly method: string
  readonly status: number | undefined
  readonly ms: number
}

/** What waits and works at the gate. */
export interface Crowd {
  readonly inside: number
  readonly waiting: number
}

export interface Metrics {
  readonly answered: (request: Answered) => void
  /** Runs a stage and times it. */
  readonly observe: <T>(stage: string, work: () => T) => T
  /** Runs a question to the store and times it. */
  readonly stored: <T>(operation: string, work: () => Promise<T>) => Promise<T>
  readonly conflicted: () => void
  readonly crowded: (crowd: Crowd) => void
  readonly refused: () => void
  readonly printed: <T>(work: () => Promise<T>) => Promise<T>
  readonly browserStarted: () => void
  readonly upstreamAnswered: (status: number | 'none') => void
  /** All of it in the text format of Prometheus, over all processes of the service. */
  readonly page: () => Promise<string>
}

/** The media type of the page. */
export const METRICS_TYPE: string = prometheusContentType

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** The metrics of this process. */
export function openMetrics(): Metrics {
  const registry = new AggregatorRegistry()
  AggregatorRegistry.setRegistries([registry])
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const timing = (name: string, help: string, labelNames: readonly string[]): Histogram =>
    new Histogram({ name: `fhirdoc_${name}_duration_seconds`, help, labelNames, buckets: SECONDS, registers })
  const counting = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    new Counter({ name: `fhirdoc_${name}_total`, help, labelNames, registers })
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `fhirdoc_${name}`, help, registers })

  const requests = timing('http_request', 'Requests by route, method and status', ['route', 'method', 'status'])
  const stages = timing('stage', 'Stages of documents, by name and outcome', ['stage', 'outcome'])
  const store = timing('store', 'Questions to the store, by kind and outcome', ['operation', 'outcome'])
  const conflicts = counting('store_conflicts', 'Writes that met another version than they expected')
  const inside = gauge('queue_in_flight', 'Requests that are worked on')
  const waiting = gauge('queue_waiting', 'Requests that wait for their turn')
  const refusals = counting('queue_refused', 'Requests that were turned away because too many waited')
  const prints = timing('browser_print', 'Pages that were printed, waiting included, by outcome', ['outcome'])
  const pages = gauge('browser_pages', 'Pages that are being printed, or wait to be')
  const starts = counting('browser_starts', 'Starts of the browser; each after the first is a restart')
  const upstream = counting('upstream_answers', 'Answers of the upstream, by status; none where there was none', [
    'status',
  ])
  return {
    answered: ({ route = 'none', method, status, ms }) => {
      const label = METHODS.has(method) ? method : 'other'
      requests.labels(route, label, String(status ?? 'broken-off')).observe(ms / 1000)
    },
    observe: (stage, work) => timed(work, (outcome, seconds) => stages.labels(stage, outcome).observe(seconds)),
    stored: (operation, work) => timed(work, (outcome, seconds) => store.labels(operation, outcome).observe(seconds)),
    conflicted: () => conflicts.inc(),
    crowded: (crowd) => {
      inside.set(crowd.inside)
      waiting.set(crowd.waiting)
    },
    refused: () => refusals.inc(),
    printed: async (work) => {
      pages.inc()
      try {
        return await timed(work, (outcome, seconds) => prints.labels(outcome).observe(seconds))
      } finally {
        pages.dec()
      }
    },
    browserStarted: () => starts.inc(),
    upstreamAnswered: (status) => upstream.labels(String(status)).inc(),
    page: () => (cluster.isWorker ? pageOfAll() : registry.metrics()),
  }
}

/** The result of the work, whose end is told with its outcome. */
function timed<T>(work: () => T, tell: (outcome: 'done' | 'failed', seconds: number) => void): T {
  const startMs = performance.now()
  const end = (outcome: 'done' | 'failed'): void => tell(outcome, (performance.now() - startMs) / 1000)
  try {
    const result = work()
    if (result instanceof Promise)
      result.then(
        () => end('done'),
        () => end('failed'),
      )
    else end('done')
    return result
  } catch (error) {
    end('failed')
    throw error
  }
}

/** In the primary process of several: the metrics of all workers. */
export function openAggregate(): () => Promise<string> {
  const registry = new AggregatorRegistry()
  return () => registry.clusterMetrics()
}
