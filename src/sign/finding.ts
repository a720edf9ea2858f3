/** What a check found, by codes: the sentence of a report is English, a page says each code in its reader's language. */

/** What each finding is told with. */
export const FINDINGS = {
  'format.undetermined': [],
  'format.unread.xml': [],
  'format.unread.image': [],
  'format.unread.pdf': [],
  'format.unread.unknown': [],
  'format.refused': [],
  'format.no-certificate': [],
  'format.read': [],
  'format.policy': ['policy'],
  'format.unjudged': ['names'],
  'integrity.key': [],
  'integrity.other': [],
  'integrity.other-parts': ['parts'],
  'integrity.itself': [],
  'integrity.form-unknown': ['form'],
  'integrity.form': ['form'],
  'integrity.elsewhere': ['form'],
  'integrity.version': ['parts'],
  'integrity.changed': [],
  'integrity.changed-parts': ['parts'],
  'integrity.number': ['places'],
  'integrity.holds': [],
  'integrity.holds-parts': ['parts'],
  'certificate.misuse': [],
  'certificate.weak': [],
  'certificate.no-time': ['from', 'to'],
  'certificate.early': ['from'],
  'certificate.expired': ['to'],
  'certificate.claimed': ['from', 'to'],
  'certificate.good': ['from', 'to'],
  'trust.no-anchors': [],
  'trust.no-chain': [],
  'trust.service': ['service'],
  'trust.list': ['service'],
  'trust.extension': ['subject'],
  'trust.authority': ['subject'],
  'trust.weak': ['subject'],
  'trust.period': ['subject'],
  'trust.no-time': [],
  'trust.anchored': ['subject'],
  'revocation.revoked': ['subject', 'at'],
  'revocation.good': [],
  'revocation.good-stamped': [],
  'revocation.waived': [],
  'revocation.no-chain': [],
  'revocation.nothing': ['subject'],
  'revocation.stale': ['subject'],
  'timestamps.fault': ['time'],
  'timestamps.unread': [],
  'timestamps.order': [],
  'timestamps.none': [],
  'timestamps.signature': ['time', 'authority'],
  'timestamps.content': ['time', 'authority'],
  'timestamps.archive': ['time', 'authority'],
  'time.none': [],
  'time.no-when': [],
  'time.other': [],
  'time.future': [],
  'time.after-stamp': [],
  'time.covered': ['time'],
  'time.proved': ['time'],
  'purpose.none': [],
  'purpose.no-type': [],
  'purpose.other': ['purpose'],
  'purpose.silent': [],
  'purpose.covered': ['purpose'],
  'signer.other': ['subject'],
  'signer.signed': ['name'],
  'signer.sealed': ['name'],
  'signer.claimed': ['subject'],
  'signer.claimed-seal': ['subject'],
  'superseded.unknown': [],
  'superseded.none': [],
  'superseded.replaces': ['identifier', 'date'],
  'superseded.appends': ['identifier', 'date'],
  'superseded.transforms': ['identifier', 'date'],
  'superseded.entered-in-error': ['identifier', 'date'],
  'superseded.later': ['identifier', 'date'],
  'unreached.unread': [],
  'unreached.refused': [],
  'pages.none': [],
  'pages.unreadable': [],
  'pages.unsaid': [],
  'pages.elsewhere': ['renderer'],
  'pages.other': [],
  'pages.failed': [],
  'pages.same': [],
  'pages.text': [],
  'pages.differ': [],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type FindingCode = keyof typeof FINDINGS

/** One thing that was found. */
export interface Finding {
  readonly code: FindingCode
  /** By the names of `FINDINGS`; a purpose is its codes with blanks between. */
  readonly values?: Readonly<Record<string, string>>
  /** Where it is another than that of its check: what a check that passed left unjudged. */
  readonly verdict?: 'not-checked'
}

/** A header may say what it likes, and at any length. */
const MOST_SHOWN = 200

/** A finding with its values, each as long as a page may show it. */
export function found(code: FindingCode, values: Readonly<Record<string, string>> = {}): Finding {
  const shown = Object.entries(values).map(([name, value]) => [name, value.slice(0, MOST_SHOWN)] as const)
  return { code, ...(shown.length > 0 && { values: Object.fromEntries(shown) }) }
}
