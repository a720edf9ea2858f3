/** What is counted stands on the page, under labels that no request can choose. */

import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openMetrics } from '../../src/edge/metrics.ts'

describe('the page', () => {
  it('has requests by route, method and status', async () => {
    const metrics = openMetrics()
    metrics.answered({ route: '/fhir/:type/:id', method: 'GET', status: 200, ms: 12 })
    metrics.answered({ route: undefined, method: 'PROPFIND', status: undefined, ms: 1 })
    const page = await metrics.page()
    expect(page).toContain(
      'fhirdoc_http_request_duration_seconds_count{route="/fhir/:type/:id",method="GET",status="200"} 1',
    )
    expect(page).toContain('{le="0.025",route="/fhir/:type/:id",method="GET",status="200"} 1')
    expect(page).toContain('route="none",method="other",status="broken-off"')
  })

  it('has stages with their outcome, whether they give a promise or not', async () => {
    const metrics = openMetrics()
    expect(metrics.observe('check', () => 1)).toBe(1)
    expect(await metrics.observe('sign', () => Promise.resolve(2))).toBe(2)
    expect(() => metrics.observe('check', () => { throw new TypeError('x') })).toThrow('x') // prettier-ignore
    await expect(metrics.observe('sign', () => Promise.reject(new TypeError('y')))).rejects.toThrow('y')
    const page = await metrics.page()
    for (const stage of ['check', 'sign'])
      for (const outcome of ['done', 'failed'])
        expect(page).toContain(`fhirdoc_stage_duration_seconds_count{stage="${stage}",outcome="${outcome}"} 1`)
  })

  it('has queue, browser, store, upstream and the process', async () => {
    const metrics = openMetrics()
    metrics.crowded({ inside: 3, waiting: 2 })
    metrics.refused()
    metrics.conflicted()
    metrics.browserStarted()
    metrics.upstreamAnswered(503)
    metrics.upstreamAnswered('none')
    await metrics.stored('read', () => Promise.resolve())
    let whilePrinting = ''
    await metrics.printed(async () => void (whilePrinting = await metrics.page()))
    const page = await metrics.page()
    for (const line of [
      'fhirdoc_queue_in_flight 3',
      'fhirdoc_queue_waiting 2',
      'fhirdoc_queue_refused_total 1',
      'fhirdoc_store_conflicts_total 1',
      'fhirdoc_store_duration_seconds_count{operation="read",outcome="done"} 1',
      'fhirdoc_browser_starts_total 1',
      'fhirdoc_browser_pages 0',
      'fhirdoc_browser_print_duration_seconds_count{outcome="done"} 1',
      'fhirdoc_upstream_answers_total{status="503"} 1',
      'fhirdoc_upstream_answers_total{status="none"} 1',
      'process_cpu_seconds_total',
    ])
      expect(page).toContain(line)
    expect(whilePrinting).toContain('fhirdoc_browser_pages 1')
  })
})

it('every metric of ours is in docs/operations.md, and no other', async () => {
  const page = await openMetrics().page()
  const named = (text: string): readonly string[] => [...new Set(text.match(/\bfhirdoc_\w+/g))].sort()
  const types = [...page.matchAll(/^# TYPE (fhirdoc_\w+)/gm)].map(([, name = '']) => name)
  expect(named(types.join(' '))).toEqual(
    named(readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')),
  )
})

it('a worker answers with the metrics of all workers together', async () => {
  const script = new URL('metrics-of-workers.ts', import.meta.url).pathname
  const lines = await new Promise<string>((resolve, reject) => {
    const child = fork(script, [], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], execArgv: [] })
    let text = ''
    child.stdout?.on('data', (chunk) => (text += String(chunk)))
    child.once('error', reject)
    child.once('exit', () => resolve(text))
  })
  expect(lines.trim()).toBe('fhirdoc_queue_refused_total 3')
})
