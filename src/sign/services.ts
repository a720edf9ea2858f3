/** Trust services of trusted lists: what each may be trusted for, and when it was. @see https://www.etsi.org/deliver/etsi_ts/119600_119699/119612/02.02.01_60/ts_119612v020201p.pdf */

import { found, type Finding } from './finding.ts'
import { instantOf } from './instant.ts'
import type { Certificate } from './x509.ts'

/** What a chain is asked for: a signature, or a time-stamp. */
export type Purpose = 'signature' | 'stamp'

/** A service by one of its certificates. */
export interface Service {
  readonly certificate: Certificate
  readonly name: string
  /** What it may be an anchor for. */
  readonly purposes: readonly Purpose[]
  /** Its statuses, the latest first. */
  readonly statuses: readonly ServiceStatus[]
  /** When the list that names it runs out; undefined where it has run out already, as it is closed. */
  readonly listUntilMs: number | undefined
}

export interface ServiceStatus {
  /** The last part of its URI: `granted`, `withdrawn`. */
  readonly name: string
  readonly fromMs: number
}

/** The statuses in which a service is supervised, of today's lists and of those before 2016. */
const GRANTED: readonly string[] = [
  'granted',
  'recognisedatnationallevel',
  'undersupervision',
  'supervisionincessation',
  'accredited',
]

/** When a service is asked about: the time that is judged, and that of the judgement. */
export interface Asked {
  readonly purpose: Purpose
  readonly atMs: number
  readonly nowMs: number
}

/** Why a service may not be relied on, as a sentence and by its code. */
export interface ServiceFault {
  readonly text: string
  readonly finding: Finding
}

/** Why the service may not be relied on; undefined where it may. */
export function serviceFault(service: Service, { purpose, atMs, nowMs }: Asked): ServiceFault | undefined {
  const { name, purposes, statuses, listUntilMs } = service
  const [ofService, ofList] = [found('trust.service', { service: name }), found('trust.list', { service: name })]
  if (!purposes.includes(purpose))
    return { text: `The service ${name} is not trusted for ${PURPOSES[purpose]}`, finding: ofService }
  if (listUntilMs === undefined) return { text: `The trusted list with the service ${name} is closed`, finding: ofList }
  if (nowMs > listUntilMs)
    return {
      text: `The trusted list with the service ${name} ran out on ${instantOf(listUntilMs / 1000)}`,
      finding: ofList,
    }
  const status = statuses.find(({ fromMs }) => fromMs <= atMs)
  if (status !== undefined && GRANTED.includes(status.name)) return undefined
  const then = status === undefined ? 'not listed' : status.name
  return { text: `The service ${name} was ${then} at ${instantOf(atMs / 1000)}`, finding: ofService }
}

const PURPOSES: Readonly<Record<Purpose, string>> = { signature: 'signatures', stamp: 'time-stamps' }
