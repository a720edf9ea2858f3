/** The service from its settings: its rows behind the guard, on a socket. */

import { mustBeSafe, type Settings } from '../settings.ts'
import { createApp, type Face, type Log } from './app.ts'
import { gate, type GateLimits } from './gate.ts'
import { allowedHosts } from './guard.ts'
import type { Route, Service } from './route.ts'
import { ROUTES } from './routes.ts'
import { listen } from './server.ts'
import { tendAudit } from './tending.ts'
import { auditOf } from './trail.ts'

export interface Start {
  readonly settings: Settings
  /** What the answers are made with; the address comes from the settings. */
  readonly service: Omit<Service, 'base' | 'isReady'>
  readonly log: Log
  /** The pages for people: their rows, and how they tell what went wrong. */
  readonly pages?: { readonly routes: readonly Route[] } & Required<Pick<Face, 'errorPage'>>
  /** Hears what is to be counted. */
  readonly watch?: Pick<Face, 'onAnswered'> & Pick<GateLimits, 'onChange' | 'onRefusal'>
}

/** For each that is worked on so many may wait, a moment long: a burst is no overload. */
const WAITING_PER_PLACE = 16

export interface Running {
  readonly url: string
  /** Lets what was accepted finish, and takes nothing new. */
  readonly stop: () => Promise<void>
}

/** The service, listening. @throws FhirError `value` where the settings would open it to others, `exception` where the address cannot be had */
export async function startService({ settings, service, log, pages, watch = {} }: Start): Promise<Running> {
  mustBeSafe(settings)
  const { host, port, hosts, origins = [], baseUrl, limitBody, limitConcurrency, limitSeconds } = settings
  const timeoutMs = limitSeconds * 1000
  let isStopping = false
  let url = ''
  const based = {
    ...service,
    get base(): string {
      return baseUrl ?? `${url}/fhir`
    },
    isReady: () => !isStopping,
  }
  const face = {
    service: Object.assign(based, auditOf(settings, based)),
    allowed: { hosts: allowedHosts(hosts, baseUrl), origins },
    maxBytes: limitBody,
    gate: gate({ concurrency: limitConcurrency, timeoutMs, waiting: WAITING_PER_PLACE * limitConcurrency, ...watch }),
    log,
    ...(watch.onAnswered !== undefined && { onAnswered: watch.onAnswered }),
    ...(pages !== undefined && { errorPage: pages.errorPage }),
  }
  const listening = await listen(createApp([...ROUTES, ...(pages?.routes ?? [])], face), { host, port, timeoutMs })
  url = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${listening.port}`
  log.info({ url, version: service.version }, 'listening')
  const endTending = tendAudit(face.service, log)
  const stop = async (): Promise<void> => {
    isStopping = true
    await listening.close()
    await endTending()
    log.info({}, 'stopped')
  }
  return { url, stop }
}
