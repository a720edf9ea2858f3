/** Checking measured beside the validator of HL7 on the same document, and by the size of the document. */

import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { check, compileChecks, type Checks } from '../src/check/check.ts'
import { loadDefinitions } from '../src/edge/packages.ts'
import { parseJson } from '../src/fhir/json.ts'
import { isBundle, type Bundle } from '../src/fhir/types.ts'
import { figure, median, tableOf } from './measure.ts'

export interface CheckingResult {
  readonly entries: number
  readonly kB: number
  /** Of this process, the median of warm checks with IPS 2.0.0 at hand. */
  readonly cpuMs: number
  /** Of the judge on the same document in the same minute; absent where JUDGES_DIR names no folder. */
  readonly judgeCpuMs?: number
  /** The command from its start to its end. */
  readonly commandMs: number
}

const root = `${import.meta.dirname}/../`
const DOCUMENT = join(root, 'node_modules/hl7.fhir.uv.ips/example/Bundle-bundle-ips-all-sections.json')
const WARM = 300
const MEASURED = 100
const run = promisify(execFile)

/** The whole IPS example, read anew for each check, as documents come. */
export async function measureChecking(): Promise<CheckingResult> {
  const text = readFileSync(DOCUMENT)
  const checks = compileChecks(await loadDefinitions())
  const judgeCpuMs = await judged()
  for (let count = 0; count < WARM; count++) check(read(text), checks)
  const cpuMs = median(Array.from({ length: MEASURED }, () => once(text, checks)))
  const commandMs = median([await command(), await command(), await command()])
  const { entry = [] } = read(text)
  return {
    entries: entry.length,
    kB: text.length / 1e3,
    cpuMs,
    commandMs,
    ...(judgeCpuMs !== undefined && { judgeCpuMs }),
  }
}

function read(text: Uint8Array): Bundle {
  const bundle = parseJson(text)
  if (!isBundle(bundle)) throw new TypeError('The example is no Bundle')
  return bundle
}

function once(text: Uint8Array, checks: Checks): number {
  const bundle = read(text)
  const before = process.cpuUsage()
  check(bundle, checks)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Warm, the median of the second half of twenty. */
async function judged(): Promise<number | undefined> {
  const judge = join(process.env['JUDGES_DIR'] ?? '', 'hl7')
  if (process.env['JUDGES_DIR'] === undefined || !existsSync(judge)) return undefined
  const options = ['--repeat', '20', '--ig', 'hl7.fhir.uv.ips#2.0.0', DOCUMENT]
  const { stdout } = await run(judge, options, { maxBuffer: 256e6 }).catch(
    (error: unknown) => error as { stdout: string },
  )
  const times = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [(JSON.parse(line) as { cpuMs: number }).cpuMs] : [])) // prettier-ignore
  return median(times.slice(times.length / 2))
}

async function command(): Promise<number> {
  const start = performance.now()
  // it exits with 1 where a document has errors
  await run(process.execPath, [join(root, 'bin/fhirdoc.js'), 'check', DOCUMENT], { maxBuffer: 64e6 }).catch(
    () => undefined,
  )
  return performance.now() - start
}

export function checkingTable({ entries, kB, cpuMs, judgeCpuMs = NaN, commandMs }: CheckingResult): string {
  return tableOf([
    [`check of ${entries} entries, ${figure(kB)} kB, with IPS 2.0.0, warm`, ''],
    ['CPU ms', figure(cpuMs)],
    ['CPU ms of the validator of HL7', figure(judgeCpuMs)],
    ['times faster', figure(judgeCpuMs / cpuMs)],
    ['the command from start to end, ms', figure(commandMs)],
  ])
}
