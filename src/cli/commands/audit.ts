/** `fhirdoc audit`: the record of all accesses proven whole, and rid of what is older than it is kept. */

import { earlier } from '../../fhir/period.ts'
import type { JsonObject } from '../../fhir/types.ts'
import { oneOf, text } from '../../shape.ts'
import { asked, misuse, surroundings } from '../answer.ts'
import { command, type Cli, type Result } from '../command.ts'
import { common, option } from '../options.ts'
import { indexFor } from '../store.ts'

const tasks = oneOf(['verify', 'expire'])

export const auditCommand = command({
  name: 'audit',
  text: 'the audit of FHIRDOC_STORE: verify proves that no line was changed, is missing or stands elsewhere, and prints its head; expire takes away what is older than FHIRDOC_AUDIT_RETENTION, and records that',
  operands: { label: tasks.label, least: 1, most: 1 },
  options: {
    head: option(
      text('digest'),
      'for verify: the digest of the head at some time before, so that an end that was cut off is found too',
    ),
    json: common.json,
  },
  later: [],
  run: ({ operands: [task = ''], values: { head } }, cli) => {
    const named = tasks.read(task)
    if (named === undefined) throw misuse(`There is no audit ${task}, expected ${tasks.label}`)
    if (named === 'expire' && head !== undefined) throw misuse('--head is for verify')
    return named === 'verify' ? verify(head, cli) : expire(cli)
  },
})

async function verify(known: string | undefined, { settings: { store } }: Cli): Promise<Result> {
  if (known !== undefined && !/^[0-9a-f]{64}$/.test(known))
    throw misuse('--head is no digest of the audit, expected 64 hexadecimal digits')
  const { verifyAudit } = await import('../../edge/store/audit.ts')
  const { lines, start, head, fault } = await surroundings(verifyAudit(store, known))
  const json: JsonObject = {
    isWhole: fault === undefined,
    lines,
    start: { ...start },
    head: { ...head },
    ...(fault !== undefined && { fault: { ...fault } }),
  }
  if (fault !== undefined) return { exit: 1, issues: [{ severity: 'error', code: 'invalid', text: fault.text }], json }
  const behind = start.seq === 0 ? '' : `, those up to ${start.seq} were taken away by the stated retention`
  return { exit: 0, issues: [], json, text: `whole: ${lines} lines${behind}; head ${head.seq} ${head.digest}\n` }
}

async function expire(cli: Cli): Promise<Result> {
  const { auditRetention: retention, store: url } = cli.settings
  if (retention === undefined) throw misuse('FHIRDOC_AUDIT_RETENTION is not set, expected a period such as P10Y')
  const { expireAudit } = await import('../../edge/store/audit.ts')
  const now = new Date().toISOString()
  const before = asked(() => earlier(now, retention))
  const lines = await surroundings(expireAudit(url, { before, retention, now }, await indexFor(cli)))
  return {
    exit: 0,
    issues: [],
    json: { lines, before },
    text: `${lines} lines from before ${before} were taken away\n`,
  }
}
