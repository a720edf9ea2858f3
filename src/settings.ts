/** The settings as a table, and their reading from an environment record that main hands in. */

import { FhirError } from './fhir/error.ts'
import type { Issue } from './fhir/issue.ts'
import * as shape from './shape.ts'
import type { Shape, ValueOf } from './shape.ts'
import { AUTH_SETTINGS } from './settings/auth.ts'
import { LOGIN_SETTINGS } from './settings/login.ts'
import { hostName, optional, row, secret, type Setting, type SettingRow } from './settings/setting.ts'

export type { Setting } from './settings/setting.ts'

/** Every setting's name begins with it; a name that does and is not in the table stops the start. */
export const PREFIX = 'FHIRDOC_'

const timeZone: Shape<string> = {
  label: 'an IANA time zone such as Europe/Vienna',
  read: (value) => (isTimeZone(value) ? value : undefined),
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    return /^[A-Z]/.test(value)
  } catch {
    return false
  }
}

const storeUrl: Shape<string> = {
  label: 'sqlite:<file>, sqlite::memory: or postgres://<user>@<host>/<database>',
  read: (value) => (/^(?:sqlite:|postgres(?:ql)?:\/\/)./.test(value) ? value : undefined),
}

const absoluteUri: Shape<string> = {
  label: 'an absolute URI such as urn:oid:1.2.3',
  read: (value) => (/^(?:urn:[a-z0-9]|https?:\/\/)[^\s"<>]+$/i.test(value) ? value : undefined),
}

const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** One row per setting, under the name that the code reads it by. */
export const SETTINGS = {
  port: row('PORT', shape.wholeNumber(0, 65_535), 'the port that the service listens on; 0 takes a free one', '8080'),
  host: row('HOST', hostName, 'the address that the service listens on', '127.0.0.1'),
  hosts: optional('HOSTS', shape.listOf(hostName), 'further names that the Host header of a request may carry'),
  origins: optional(
    'ORIGINS',
    shape.listOf(shape.origin),
    'origins whose pages may call from a browser; nobody else may',
  ),
  baseUrl: optional(
    'BASE_URL',
    shape.httpUrl,
    'the FHIR base as clients see it, such as https://documents.example/fhir',
  ),
  workers: optional(
    'WORKERS',
    shape.wholeNumber(1, 256),
    'how many processes serve; as many as there are cores where it is absent, one with a store in memory',
  ),
  store: secret(row('STORE', storeUrl, 'where resources and documents are kept', 'sqlite:./data/fhirdoc.db')),
  signingKey: optional('SIGNING_KEY', shape.text('file'), 'the key of the service, for seals: .p12, .pem or .jwk'),
  signingPassword: secret(optional('SIGNING_PASSWORD', shape.text('text'), 'the password of a signing key')),
  remoteSigner: optional(
    'REMOTE_SIGNER',
    shape.httpUrl,
    'the base of a remote signing service (CSC API 2) whose key is used where no key file is named',
  ),
  remoteSignerCredential: optional(
    'REMOTE_SIGNER_CREDENTIAL',
    shape.text('text'),
    'which credential of the remote signing service; else the only one that it lists',
  ),
  remoteSignerToken: secret(
    optional('REMOTE_SIGNER_TOKEN', shape.text('text'), 'the bearer token for the remote signing service'),
  ),
  signingTime: row('SIGNING_TIME', shape.oneOf(['iat', 'sigT']), 'the header that bears the signing time', 'iat'),
  signingPolicy: optional(
    'SIGNING_POLICY',
    absoluteUri,
    'the signature policy that signatures say to keep (JAdES sigPId): urn:oid:… or a URL',
  ),
  signers: optional('SIGNERS', shape.text('file'), 'JSON object: SHA-256 fingerprint of a certificate to a reference'),
  trust: optional(
    'TRUST',
    shape.text('file or folder'),
    'certificates that signatures are trusted by, CRLs and ETSI trusted lists',
  ),
  tsa: optional('TSA', shape.httpUrl, 'the time-stamping authority (RFC 3161) of signatures of level T and above'),
  revocation: optional(
    'REVOCATION',
    shape.listOf(shape.httpUrl),
    'addresses below which OCSP responders and revocation lists may be asked; no others ever are',
  ),
  templates: optional(
    'TEMPLATES',
    shape.text('folder'),
    'templates that stand in for the built-in ones of the same name',
  ),
  profiles: optional('PROFILES', shape.text('folder'), 'a folder of FHIR packages whose profiles are known besides'),
  terminology: optional(
    'TERMINOLOGY',
    shape.httpUrl,
    'the base of a terminology server, which is asked about codes that the packages in use cannot tell; no other host is',
  ),
  block: row(
    'BLOCK',
    shape.oneOf(['document', 'any']),
    'whether only faults of the document as a whole stop it, or any error',
    'document',
  ),
  emptySections: row(
    'EMPTY_SECTIONS',
    shape.oneOf(['emptyReason', 'absent-unknown']),
    'what stands in a section of a summary that has nothing to list: a reason, or an entry that says that nothing is known',
    'emptyReason',
  ),
  zone: optional('ZONE', timeZone, 'the zone of the site, in which times in UTC are shown a second time'),
  chromium: optional(
    'CHROMIUM',
    shape.text('file'),
    'the browser that prints; else the one that comes with the package',
  ),
  upstream: optional('UPSTREAM', shape.httpUrl, 'the base of a FHIR server that is read from beside the store'),
  upstreamHosts: optional(
    'UPSTREAM_HOSTS',
    shape.listOf(hostName),
    'further hosts that the upstream may redirect to, or give tokens on; no others are ever asked',
  ),
  upstreamToken: secret(optional('UPSTREAM_AUTH_TOKEN', shape.text('text'), 'a bearer token for the upstream')),
  upstreamClientId: optional(
    'UPSTREAM_AUTH_CLIENT_ID',
    shape.text('text'),
    'the id under which the service is registered with the upstream (SMART backend services)',
  ),
  upstreamKey: optional('UPSTREAM_AUTH_KEY', shape.text('file'), 'the private key of that client: .pem or .jwk'),
  upstreamTokenUrl: optional(
    'UPSTREAM_AUTH_TOKEN_URL',
    shape.httpUrl,
    'where that client gets tokens; else the upstream says so itself',
  ),
  upstreamScope: row('UPSTREAM_AUTH_SCOPE', shape.text('scopes'), 'what that client asks for', 'system/*.rs'),
  ...AUTH_SETTINGS,
  ...LOGIN_SETTINGS,
  limitBody: row('LIMIT_BODY', shape.byteSize, 'the largest body of a request', '32 MiB'),
  limitEntries: row('LIMIT_ENTRIES', shape.wholeNumber(1, 1_000_000), 'the most resources in a document', '20000'),
  limitDepth: row(
    'LIMIT_DEPTH',
    shape.wholeNumber(1, 1_000),
    'the longest way of references from the Composition',
    '50',
  ),
  limitPages: row('LIMIT_PAGES', shape.wholeNumber(1, 100_000), 'the most pages of a PDF', '2000'),
  limitSeconds: row(
    'LIMIT_SECONDS',
    shape.wholeNumber(1, 3_600),
    'the time that one request or one printing may take',
    '60',
  ),
  limitConcurrency: row(
    'LIMIT_CONCURRENCY',
    shape.wholeNumber(1, 10_000),
    'how many requests each process of the service works on at once',
    '16',
  ),
  audit: optional(
    'AUDIT',
    shape.oneOf(['on', 'off']),
    'whether every access is recorded; on where authentication is configured, else off',
  ),
  auditRetention: optional(
    'AUDIT_RETENTION',
    shape.period,
    'how long lines of the audit are kept: audit expire takes away what is older; for ever where it is absent',
  ),
  retention: optional(
    'RETENTION',
    shape.text('file'),
    'JSON object: type of a document, as system|code or code, to the period that it is kept at least, such as P30Y',
  ),
  logLevel: row('LOG_LEVEL', shape.oneOf(LOG_LEVELS), 'how much the log of the service tells', 'info'),
} as const satisfies Record<string, Setting<unknown>>

/** The names of the settings that may come from files, whole. */
export const SECRETS: readonly string[] = Object.values<Setting<unknown>>(SETTINGS)
  .filter(({ isSecret }) => isSecret === true)
  .map(({ name }) => PREFIX + name)

export type LogLevel = (typeof LOG_LEVELS)[number]
export type Settings = {
  readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends SettingRow<unknown>
    ? ValueOf<(typeof SETTINGS)[K]['shape']>
    : ValueOf<(typeof SETTINGS)[K]['shape']> | undefined
}

/**
 * The settings that an environment holds; an empty one counts as absent.
 * @throws FhirError `value` with an issue for each unknown name and each bad value
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const issues: Issue[] = []
  const complain = (text: string): void => void issues.push({ severity: 'error', code: 'value', text })
  const given = Object.entries(env).filter(
    ([name, value]) => name.startsWith(PREFIX) && value !== undefined && value !== '',
  )
  const known = Object.values<Setting<unknown>>(SETTINGS).map(({ name }) => PREFIX + name)
  for (const [name] of given) if (!known.includes(name)) complain(unknownSetting(name, known))
  const values: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const written = env[PREFIX + setting.name] || setting.fallback
    values[key] = written === undefined ? undefined : setting.shape.read(written)
    if (written !== undefined && values[key] === undefined) complain(mismatchOf(setting, written))
  }
  const [first, ...others] = issues
  if (first !== undefined) throw new FhirError([first, ...others])
  return values as Settings
}

/** A secret is not told, not even a wrong one. */
function mismatchOf({ name, shape: expected, isSecret }: Setting<unknown>, written: string): string {
  if (isSecret === true) return `${PREFIX}${name} has another shape than expected: ${expected.label}`
  return shape.mismatch(PREFIX + name, written, expected)
}

function unknownSetting(name: string, known: readonly string[]): string {
  const own = known.map((each) => each.slice(PREFIX.length))
  const near = shape.nearest(name.slice(PREFIX.length), own)
  const expected = near === undefined ? `expected one of ${known.join(', ')}` : `the nearest is ${PREFIX}${near}`
  return `The setting ${name} is unknown, ${expected}`
}

/** The names and addresses that never leave the machine. */
export const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1', '[::1]']

/** Whether an address is one of the machine's own loopback. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Nothing, where the service may listen as the settings say.
 * @throws FhirError `value` beyond loopback where no authentication is configured
 */
export function mustBeSafe({ host, authIssuer }: Settings): void {
  if (isLoopback(host) || authIssuer !== undefined) return
  const text =
    `The setting ${PREFIX}HOST is ${host}, beyond loopback, and no authentication is configured: ` +
    `set ${PREFIX}HOST to 127.0.0.1, or ${PREFIX}AUTH_ISSUER to whoever issues tokens`
  throw new FhirError([{ severity: 'error', code: 'value', text }])
}
