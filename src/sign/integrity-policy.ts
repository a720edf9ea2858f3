/** What it means whether the mathematics of a signature hold: the rows of the check `integrity`. */

import type { Case } from './facts.ts'
import { found } from './finding.ts'
import { digestFindings, elsewhereFindings, partFinding } from './policy-findings.ts'
import { digestText, elsewhere, isVersionUnknown, partText } from './policy-text.ts'
import { fails, inconclusive, missing, passed, type Row } from './ruling.ts'

export const INTEGRITY: readonly Row<Case>[] = [
  [
    ({ integrity }) => !integrity.fitsKey,
    fails('SIG_CRYPTO_FAILURE'),
    'The key of the certificate does not go with the algorithm of the header',
    'integrity.key',
  ],
  [
    ({ integrity }) => integrity.holdsOverPayload || (integrity.holds && integrity.payload === 'other'),
    fails('HASH_FAILURE'),
    ({ targets }) =>
      `The payload that the signature brings along is not ${targets === undefined ? 'this document' : partText(targets)}: it was changed after signing, or another was signed`,
    ({ targets }) => partFinding(targets, 'integrity.other', 'integrity.other-parts'),
  ],
  [
    ({ integrity }) => integrity.omits === undefined,
    missing('SIGNED_DATA_NOT_FOUND'),
    ({ integrity }) => `The canonical form ${integrity.form} is not known here${elsewhere(integrity.otherForm)}`,
    ({ integrity: { form, otherForm } }) => [
      found('integrity.form-unknown', { form }),
      ...elsewhereFindings(otherForm),
    ],
  ],
  [
    ({ integrity, targets }) => !integrity.holds && isVersionUnknown(targets),
    missing('SIGNED_DATA_NOT_FOUND'),
    ({ targets }) =>
      `The signature does not hold over ${partText(targets)} as the document has it, which does not say that it is the version signed`,
    ({ targets }) => found('integrity.version', { parts: partText(targets) }),
  ],
  [
    ({ integrity }) => integrity.isDigestOther === true,
    fails('HASH_FAILURE'),
    ({ integrity }) => digestText(integrity),
    ({ integrity }) => digestFindings(integrity),
  ],
  [
    ({ integrity }) => !integrity.holds && integrity.otherForm !== undefined,
    fails('SIG_CRYPTO_FAILURE'),
    ({ integrity }) =>
      `The signature does not hold over the form ${integrity.form}, which it declares${elsewhere(integrity.otherForm)}`,
    ({ integrity: { form, otherForm } }) => [found('integrity.form', { form }), ...elsewhereFindings(otherForm)],
  ],
  [
    ({ integrity }) => !integrity.holds,
    fails('SIG_CRYPTO_FAILURE'),
    ({ targets }) =>
      targets === undefined
        ? 'The document or its signature was changed after signing; what was changed cannot be said'
        : `Something in ${partText(targets)}, or in their order or the signature, was changed after signing; what was changed cannot be said`,
    ({ targets }) => partFinding(targets, 'integrity.changed', 'integrity.changed-parts'),
  ],
  [
    ({ integrity }) => (integrity.altered ?? []).length > 0,
    inconclusive('SIG_CONSTRAINTS_FAILURE'),
    ({ integrity: { altered = [] } }) =>
      `The signature holds, but over another number than the one that stands in ${altered.slice(0, 3).join(', ')}: its last digits may have been changed`,
    ({ integrity: { altered = [] } }) => found('integrity.number', { places: altered.slice(0, 3).join(', ') }),
  ],
  [
    () => true,
    passed,
    ({ integrity, targets }) =>
      `Nothing that the signature covers was changed; it holds over the form ${integrity.form}` +
      (targets === undefined ? '' : ` of ${partText(targets)}, and over nothing else of the document`),
    ({ targets }) => partFinding(targets, 'integrity.holds', 'integrity.holds-parts'),
  ],
]
