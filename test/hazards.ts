/** How a document service hurts a patient or misleads a court, and what stands against it: docs/hazards.md is written from these rows. */

export interface Hazard {
  readonly id: string
  readonly hazard: string
  readonly control: string
  /** The files that enforce it; none where the control is still to be built. */
  readonly where: readonly string[]
  /** Where the failure is planted and seen to be caught: test file and words of the test's name; or a rule with its fixtures. */
  readonly planted: readonly (readonly [file: string, name: string])[]
  /** What the control does not reach, or what is still to be built. */
  readonly remains: string
}

const SAFETY = 'test/collect/collect.safety.test.ts'
const rule = (id: string): readonly [string, string] => ['test/check/rules.test.ts', id]

export const hazards: readonly Hazard[] = [
  {
    id: 'H-1',
    hazard: 'Another patient’s data in the document',
    control:
      'Closure never enters the compartment of another Patient; every entry of a patient compartment resolves to the subject of the Composition (`same-subject`), exceptions are rows and are shown beside the entry; an inactive or replaced subject is an error.',
    where: [
      'src/collect/same-patient.ts',
      'src/check/patient.ts',
      'src/check/patient-exceptions.ts',
      'src/render/marks.ts',
    ],
    planted: [
      [SAFETY, 'is known by a contained Patient whose identifier contradicts that of the subject'],
      [SAFETY, 'is not entered by a direct reference: an error, and nothing of that patient in the document'],
      [SAFETY, 'is known by an identifier that contradicts that of the subject'],
      rule('same-subject'),
      rule('nested-subject'),
      rule('subject-inactive'),
      rule('subject-replaced'),
      ['test/render/marks.test.ts', 'an entry that is not about the subject'],
      ['test/guard/source.test.ts', 'what another refers to of another patient is left out'],
      ['test/http/access/entrance.oracles.test.ts', 'is shown nothing of it by a graph'],
      ['test/http/operations/everything.test.ts', 'and nothing of another patient (H-1)'],
      ['test/http/operations/summary.test.ts', 'which its patient told of, never has it as theirs (H-1)'],
      ['test/http/operations/discharge.test.ts', 'has nothing that was entered in error or is of another encounter'],
    ],
    remains: 'A resource whose own subject is wrong at its source cannot be told.',
  },
  {
    id: 'H-2',
    hazard: 'A wrong target guessed',
    control:
      'Identifier-only references are resolved by system, value and type alone, never for a Patient or a subject; several matches are none; a limit that is reached is an error that names it.',
    where: ['src/collect/matching.ts', 'src/collect/lookup.ts', 'src/collect/findings.ts'],
    planted: [
      [SAFETY, 'one identifier of two resources finds neither'],
      [SAFETY, 'an identifier never finds a patient or a subject, not even the only one'],
      [SAFETY, 'a reference without version among several is not guessed'],
      [SAFETY, 'a Binary beyond the limit of bytes is an error that names the limit'],
    ],
    remains:
      'A relative reference without REST base is taken by type and id where a source has exactly one; the issues and the receipt say so.',
  },
  {
    id: 'H-3',
    hazard: 'Text or data newer than what was attested',
    control:
      'Nothing is generated into an attested, final or amended Composition (`attested-without-text`); what is added for display is marked; entries changed after the attestation are told (`newer-than-attested`) and shown; an entry that was changed loses versionId and lastUpdated.',
    where: ['src/render/narrate.ts', 'src/check/attestation.ts', 'src/render/marks.ts', 'src/collect/rewriting.ts'],
    planted: [
      ['test/render/narrate.test.ts', 'where nothing may be generated'],
      rule('attested-without-text'),
      rule('newer-than-attested'),
      ['test/render/marks.test.ts', 'an entry changed after the attestation'],
      [
        'test/render/page.test.ts',
        'is made for display where a section of a final Composition has no text, and marked',
      ],
      [SAFETY, 'an entry that was changed loses versionId and lastUpdated'],
      ['test/http/rest/transaction.test.ts', 'leaves a document in it as it was attested'],
    ],
    remains: 'Servers set lastUpdated on import too: the rule is a warning, a deployment may raise it.',
  },
  {
    id: 'H-4',
    hazard: 'The server’s key signs as the clinician',
    control:
      'Who signs comes from the certificate or its row in the table of signers; a claim that contradicts it is refused; the key of the service, and `--seal`, is a seal of an Organization or Device with type verification.',
    where: ['src/sign/signer.ts', 'src/sign/sign.ts'],
    planted: [
      ['test/sign/sign.test.ts', 'a claim that the certificate contradicts is refused'],
      ['test/sign/sign.test.ts', 'a seal with the certificate of a person is refused'],
      ['test/sign/verify.test.ts', 'of a seal has sealed and not signed'],
      ['test/http/start.test.ts', '$sign gives the document with a seal, never a signature of a person'],
    ],
    remains: 'A claim that the certificate says nothing of is kept, and verification calls it not checked.',
  },
  {
    id: 'H-5',
    hazard: 'Parts that look signed and are not',
    control:
      'The report lists what is not covered; security labels also go to the Composition and the banner reads only those; numbers that the canonical form would alter are not signed, and no signature over a document with one passes; a signature over single resources never speaks for the document, and one that does not hold keeps it from passing.',
    where: [
      'src/sign/numbers.ts',
      'src/sign/parts.ts',
      'src/sign/report.ts',
      'src/collect/labels.ts',
      'src/render/banners.ts',
    ],
    planted: [
      ['test/sign/sign.test.ts', 'numbers that the canonical form would alter are refused'],
      ['test/sign/verify.test.ts', 'and what it does not cover (H-5)'],
      ['test/sign/verify.test.ts', 'holds when only what the report lists as not covered changes'],
      ['test/sign/verify.test.ts', 'which a double cannot tell from it'],
      ['test/sign/parts.test.ts', 'over every entry is still none of the document'],
      ['test/sign/parts.test.ts', 'keeps a document from passing that it fails in, and leaves one that it passes in'],
      ['test/render/verification.test.ts', 'says that nobody signed the document as a whole'],
      ['test/http/operations/lasting.test.ts', 'is judged as what it is, given as it is or in a Binary'],
      ['test/collect/labels.test.ts', 'bears the mark, and so does a Composition that nobody has attested'],
    ],
    remains: 'An attested Composition is not labelled: a warning says so.',
  },
  {
    id: 'H-6',
    hazard: 'A later signature breaks the first',
    control:
      'A Bundle that bears a signature takes no further one inside: those stand in Provenance resources beside it, and what makes a signature last in a sidecar; the octets that are signed stay as they are, and erasing a document takes those about it alone.',
    where: [
      'src/sign/sign.ts',
      'src/sign/placement.ts',
      'src/http/operations/sidecars.ts',
      'src/http/operations/erase-besides.ts',
    ],
    planted: [
      ['test/sign/sign.test.ts', 'is not added to a Bundle that bears one'],
      ['test/sign/sign.test.ts', 'is not added to a Bundle that a Provenance inside signs'],
      ['test/sign/provenance.test.ts', 'find a Bundle closed that bears its own signature (H-6)'],
      ['test/http/operations/sign.test.ts', 'is not put inside, which would break the first (H-6)'],
      [
        'test/http/operations/lasting.test.ts',
        'is stored with it, found by its verification, carried on, and leaves its octets as they are',
      ],
      [
        'test/http/operations/erase.test.ts',
        'of a document takes the signatures and sidecars about it alone, but for those under a legal hold',
      ],
    ],
    remains: 'A sidecar that is kept elsewhere than in this store is not found by verification: it must be handed in.',
  },
  {
    id: 'H-7',
    hazard: 'An old, replaced or erroneous document still looks good',
    control:
      'The status stands on every page, entered-in-error as a banner; reading, rendering or verifying a document of which the store holds a successor (by relatesTo, or of the same series) bears a banner outside the attested part, a link `successor-version` and the check `superseded`; without a store verification says that later versions are not checked.',
    where: [
      'src/successors.ts',
      'src/render/successors.ts',
      'src/sign/report.ts',
      'src/http/operations/stored.ts',
      'src/render/banners.ts',
      'src/render/furniture.ts',
    ],
    planted: [
      ['test/successors.test.ts', 'it by its identifier'],
      ['test/successors.test.ts', 'that is in error and of the same series'],
      ['test/render/successors.test.ts', 'begins with a banner, its identifier and its date'],
      [
        'test/sign/verify.test.ts',
        'a later document in the store is told, and the signature proves what it proved (H-7)',
      ],
      ['test/sign/verify.test.ts', 'later versions are not checked without a store, and the report says so (H-7)'],
      ['test/http/operations/document.test.ts', 'H-7: a document that a later one replaces'],
      [
        'test/web/viewer/stored.test.ts',
        'carries a banner outside of the document, and in it, once another replaces it, and so do the lists (H-7)',
      ],
      [
        'test/http/operations/erase.test.ts',
        'leaves a tombstone, 410 with what may be told, and names the documents that hold a copy',
      ],
      ['test/http/operations/erase.test.ts', 'of a document leaves nothing of it to any operation (H-7)'],
    ],
    remains: 'A successor that this store does not hold is not known.',
  },
  {
    id: 'H-8',
    hazard: 'A number altered in print',
    control: 'Quantities never pass through a double: the decimal’s own text, the comparator always, the unit as sent.',
    where: ['src/fhir/decimal.ts', 'src/render/format-measure.ts'],
    planted: [
      ['test/render/format-measure.test.ts', 'is, printed and read back, the same text of digits'],
      ['test/render/format-measure.test.ts', 'is, printed and read back, the same comparator, value and unit'],
    ],
    remains: '',
  },
  {
    id: 'H-9',
    hazard: 'A negation lost',
    control:
      'Every element that the definitions mark as modifier is printed wherever its resource is shown; an unknown modifierExtension or implicitRules leaves no narrative but an issue.',
    where: ['src/render/modifiers.ts', 'src/check/closure.ts'],
    planted: [
      ['test/render/modifiers.test.ts', 'the modifiers that the definitions name'],
      ['test/render/modifiers.test.ts', 'leaves nothing said of the resource but that, and is an issue'],
      rule('unknown-modifier'),
      rule('implicit-rules'),
    ],
    remains: '',
  },
  {
    id: 'H-10',
    hazard: 'A search that failed, was forbidden or cut off becomes “none”',
    control:
      'An answer of a FHIR server that is neither the resource nor its absence is an error, 502 or 504; a search is paged to its end, or an error where a page is missing, stands again, lies elsewhere, is one too many, holds fewer than the server found, or says that the server failed in part.',
    where: [
      'src/edge/store/rest.ts',
      'src/edge/store/search-pages.ts',
      'src/edge/store/exchange.ts',
      'src/edge/store/patient-holdings.ts',
      'src/collect/draft/empty.ts',
      'src/collect/draft/window.ts',
      'src/guard/store.ts',
      'src/guard/bars.ts',
      'src/collect/findings.ts',
      'src/collect/withheld.ts',
    ],
    planted: [
      [SAFETY, 'is no resource for a document: an error names the entry'],
      ['test/guard/bars.test.ts', 'is bound by a consent that came since, or is gone, at once'],
      [
        'test/guard/bars.test.ts',
        'finds what is denied in part by one search for all patients, of each by their own consent alone',
      ],
      ['test/http/operations/erase.test.ts', 'of a part is told by the document that needs it'],
      ['test/guard/store.closure.test.ts', 'says that something is withheld, and nothing of what it is'],
      ['test/guard/store.closure.test.ts', 'says in the section what is withheld, where the deployment wants that'],
      ['test/guard/store.closure.test.ts', 'withholds what the scopes do not grant, whether it is there or not'],
      ['test/guard/source.test.ts', '%s is in none'],
      ['test/edge/store/rest.test.ts', 'alone and in a batch, never an absence'],
      ['test/edge/store/upstream.test.ts', 'H-10: a search that is not whole is an error'],
      [
        'test/edge/network/network.test.ts',
        'amidst the answer is an error after the last attempt, never a shorter answer',
      ],
      ['test/serve.test.ts', 'that is away is 502 with an OperationOutcome, never an empty document'],
      ['test/edge/store/patient-holdings.test.ts', 'a page that fails is an error, never a shorter record'],
      ['test/edge/store/patient-holdings.test.ts', 'a type that is not searched is a gap, and said'],
      ['test/collect/draft/draft.test.ts', 'says that the record says nothing, never that there is nothing'],
      ['test/collect/draft/draft.test.ts', 'says that what is withheld is withheld'],
      ['test/collect/draft/draft.test.ts', 'counts what is older than the window, and keeps the latest of each kind'],
    ],
    remains:
      'A server that answers a search with fewer than it has, and says so nowhere, is believed. That a document is refused because something is withheld tells whoever may read its Composition that it is there; what is in the record of another patient counts as missing.',
  },
  {
    id: 'H-11',
    hazard: 'Two treatments merged into one',
    control:
      'Entries stand in one row only where code, strength, dose, route, timing, status and period agree, and the row says how many they are; else each has its own, marked by what they differ in. Problems, allergies, immunizations, procedures and results that two sources record alike are one row with both sources; recorded differently they are two which say in what. The medication at discharge is compared with that at admission record by record: what is not surely one medicine stays apart, and what cannot be told is to be clarified.',
    where: [
      'src/render/treatments.ts',
      'src/render/repeats.ts',
      'src/render/results.ts',
      'src/fhir/medication-comparison.ts',
      'src/collect/draft/discharge-medication.ts',
    ],
    planted: [
      ['test/render/repeats.test.ts', 'that differ are two rows which say in what'],
      ['test/render/repeats.test.ts', 'by two people on two days are one row with both'],
      ['test/render/treatments.test.ts', 'that agree in these but not in all are two rows which say so'],
      ['test/render/treatments.test.ts', 'of which one was changed later than attested stay two'],
      ['test/fhir/medication-comparison.test.ts', 'leaves to be clarified what only its name makes alike'],
      [
        'test/fhir/medication-comparison.test.ts',
        'takes an explicit stop for one, and leaves open what contradicts itself',
      ],
    ],
    remains: 'Medications that only a terminology knows to be the same are told apart without a mark.',
  },
  {
    id: 'H-12',
    hazard: 'The page shows other than what was attested',
    control:
      'Styles that hide, move or add text are refused, in narratives and in the document’s stylesheets; what was taken away is told at the top, at the section and as an issue. In print tables that are too wide turn to landscape, then shrink to 7 pt, then break words; after layout each text of the narrative has a visible, unclipped box, or there is an error `clipped-text` that names its section.',
    where: [
      'src/fhir/xhtml-style.ts',
      'src/render/narrative.ts',
      'src/render/stylesheet.ts',
      'src/check/narrative-danger.ts',
      'src/edge/browser/fitting.ts',
      'src/render/clipped.ts',
    ],
    planted: [
      [
        'test/render/narrative.test.ts',
        'the numbers of a list are those that its author gave, since other text may name them',
      ],
      ['test/web/viewer/dropped.browser.test.ts', 'lets nothing of a hostile document out or run'],
      rule('narrative-hidden'),
      ['test/render/narrative.test.ts', 'what is not allowed is taken away, its text stays, and the issue names it'],
      ['test/render/stylesheet.test.ts', 'what does not pass is told'],
      ['test/render/page.test.ts', 'is told at the top and at the section, and is an issue'],
      [
        'test/edge/browser/fitting.browser.test.ts',
        'tells the section of each text that has no box, a tiny one, or one that is cut off',
      ],
      ['test/render/clipped.test.ts', 'what is clipped is one error for each section, at its place'],
    ],
    remains: 'Of what lies over a text nothing is measured: no style that passes can lay it there.',
  },
  {
    id: 'H-13',
    hazard: 'A wrong phrase in another language',
    control:
      'Each locale has a status and a source. A draft never writes narrative that will be signed, and its pages say in it and in English that nobody reviewed the translation. Displays in another language come only from designations and translation extensions, and stand before the original. What a verification found is told by codes, each with a phrase of its own; the sentence of the report stands below it.',
    where: [
      'src/render/locale.ts',
      'src/render/design.ts',
      'src/render/translation.ts',
      'src/render/view.ts',
      'src/render/finding-words.ts',
    ],
    planted: [
      ['test/render/locale.test.ts', 'are given up for the reviewed one in what is signed'],
      ['test/render/translation.test.ts', 'that nobody reviewed writes nothing that will be signed'],
      ['test/render/translation.test.ts', 'says that a translation is not reviewed, in it and in English'],
      ['test/render/translation.test.ts', 'stands before the original, never in its place'],
      ['test/render/locale.test.ts', 'has a word for everything that English has, with the same slots'],
      ['test/sign/finding.test.ts', 'are said in sentences of their own in every language'],
      ['test/web/issue-words.test.ts', 'have a phrase in every language'],
      ['test/web/issue-words.test.ts', 'never tells an error with a warning'],
    ],
    remains: 'All locales but English are drafts.',
  },
  {
    id: 'H-14',
    hazard: 'A PDF judged by its looks',
    control:
      'A signature’s ByteRange reaches the end of the file but for updates that make it last. The metadata name renderer, templates by digest, template, language, zone and the digest of the `#document` octets without signatures, which the QR code bears too; the pages are compared with a rendering of the embedded document, by the very same templates or not at all.',
    where: [
      'src/archive.ts',
      'src/signed-pdf.ts',
      'src/sign/pdf/changes.ts',
      'src/render/pdf/rendering.ts',
      'src/render/imprint.ts',
    ],
    planted: [
      ['test/sign/pdf/pades.test.ts', 'is found: %s'],
      ['test/archive.test.ts', 'whose document is another than its pages were made of does not pass for it'],
      ['test/archive.test.ts', 'with other pages than its document has does not pass for it'],
      ['test/archive.test.ts', 'made with other templates is not judged by its pages'],
      ['test/archive.test.ts', 'bears the digest of the octets without signatures'],
      ['test/http/operations/extract.test.ts', 'gives the body that was posted to $render'],
      [
        'test/http/operations/extract.test.ts',
        'is refused where that takes longer than it may, also by $verify: this thread does not try it',
      ],
    ],
    remains: 'Where the bytes differ only the text of the pages is compared, not how it is drawn.',
  },
  {
    id: 'H-15',
    hazard: 'A torn reading or a stale cache',
    control:
      'Closure reads one snapshot of the store; from upstream the versions of all that was read are asked for again at the end: one restart, then 409; a stored document is given again only where one that was composed anew has the same content, every version of its sources among it; what was composed within the last minute is given again only where the snapshot gives the very same answers to every question that was asked for it. On PostgreSQL what is remembered of current versions is of one state, or the work is done again in a transaction.',
    where: [
      'src/persist.ts',
      'src/recall.ts',
      'src/collect/steady.ts',
      'src/edge/store/rest.ts',
      'src/edge/store/sql/sql-store.ts',
      'src/edge/store/sql/looking.ts',
      'src/edge/store/sql/sighted.ts',
      'src/edge/store/sql/tentative.ts',
    ],
    planted: [
      [
        'test/edge/store/sql/looking.test.ts',
        'a sight tells what is current in its state, and moves on only where that is so still',
      ],
      [
        'test/edge/store/sql/looking.test.ts',
        'agree on states that are whole and never older than what was acknowledged before',
      ],
      ['test/edge/store/sql/tentative.test.ts', 'what was only read is compared too'],
      ['test/persist.test.ts', 'what is written together is read together, and what was acknowledged before is there'],
      ['test/persist.test.ts', 'there is a new document with a new identifier (H-15)'],
      ['test/persist.test.ts', 'asked for the same by many at once makes one document'],
      ['test/recall.test.ts', 'with memory and without it they are the same, byte for byte'],
      ['test/recall.test.ts', 'never where what was withheld or missing could be there another time'],
      [
        'test/edge/store/sql/consent-state.contract.test.ts',
        'is another after each change of a consent, or of who somebody is',
      ],
      ['test/http/operations/erase.test.ts', 'and an erased one is not given again (H-10, H-15)'],
      ['test/http/operations/summary.test.ts', 'shows what was written since'],
      ['test/edge/store/upstream.test.ts', 'a resource that changes meanwhile is read again'],
      ['test/edge/store/upstream.test.ts', 'one that changes each time is a conflict'],
      ['test/edge/store/upstream.test.ts', 'a server that fails while it is compared is an error, not a steady state'],
    ],
    remains: 'From upstream, a Provenance that comes to be while the document is made may be left out.',
  },
  {
    id: 'H-16',
    hazard: 'A time moved',
    control:
      'Times are printed with their offset and at their own precision, a UTC time also in the site’s zone; the machine’s zone is never used. Windows of a summary count from the day of its date in that zone.',
    where: ['src/render/format-time.ts', 'src/collect/draft/window.ts'],
    planted: [
      ['test/render/rows.test.ts', 'an age at which something was is not a time since then'],
      ['test/render/format-time.test.ts', 'names the very day, month, year and offset that it has'],
      ['test/render/format-time.test.ts', 'stands in the site’s zone too where it is in UTC'],
      ['test/collect/draft/draft.test.ts', 'counts the days of the window in the zone of the site'],
    ],
    remains: '',
  },
  {
    id: 'H-17',
    hazard: 'An attachment left behind',
    control:
      'An Attachment.url that names a Binary is a reference: the Binary is included or there is an error; in a draft the address of one that no source has is told as absent, with an issue; images are shown, other attachments listed, and PDFs become files of the archive PDF.',
    where: [
      'src/collect/reference-kind.ts',
      'src/attachments.ts',
      'src/render/attachments.ts',
      'src/render/attached-files.ts',
    ],
    planted: [
      ['test/attachments.test.ts', 'whose Binary no source has is told as absent, with its title, and is an issue'],
      ['test/attachments.test.ts', 'that is kept back from whoever asks is no lost one'],
      ['test/render/attached-files.test.ts', 'each attached PDF is a file once'],
      [SAFETY, 'content beside or within the address is no matter, content elsewhere is a warning'],
      [SAFETY, 'a Binary beyond the limit of bytes is an error that names the limit'],
      rule('attachment-left'),
    ],
    remains: '',
  },
  {
    id: 'H-18',
    hazard: 'The service used as an oracle',
    control:
      'Host allow-list, check of the Origin, only FHIR, JSON and XML content types, no CORS unless named; forms of the pages carry a token that only their own pages know, and a session opens pages alone; no host is asked that the deployment did not name, and no name leads to the machine itself; `$sign` refuses documents with blocking errors; without authentication only loopback is served. What is hidden is answered as what is not there, in words and in time.',
    where: [
      'src/http/guard.ts',
      'src/http/access/step.ts',
      'src/web/form.ts',
      'src/web/session.ts',
      'src/settings.ts',
      'src/pipeline.ts',
      'src/edge/network/address.ts',
    ],
    planted: [
      ['test/http/app.test.ts', 'H-18: a page elsewhere cannot use the service'],
      ['test/http/access/entrance.oracles.test.ts', 'does no more in a batch or a transaction than alone'],
      [
        'test/http/access/entrance.oracles.test.ts',
        'is told the same by writes to an address of their choice, alone, in a batch and in a transaction',
      ],
      ['test/http/access/step.test.ts', 'that tells of nothing leaves no sooner after less work: %o'],
      ['test/http/access/needs.matrix.test.ts', 'each entry of a batch is refused'],
      [
        'test/edge/network/network.test.ts',
        'a name that leads to the machine itself the second time is not followed there',
      ],
      ['test/edge/store/upstream.test.ts', 'to a host that was not named are an error, and it is not asked'],
      ['test/settings.test.ts', 'H-18: beyond loopback nothing is served without authentication'],
      ['test/web/session.test.ts', 'from a page of another site is refused before it is read'],
      ['test/web/session.test.ts', 'opens the pages alone: nothing below the FHIR base is answered by it'],
      ['test/http/start.test.ts', '$sign refuses a document with blocking errors, and one that is signed'],
      [
        'test/http/operations/document.test.ts',
        'is not done for a page elsewhere, which makes a browser GET what it likes (H-18)',
      ],
    ],
    remains: '',
  },
]

/** Rows whose part of the system is not there yet. */
export const toCome: readonly (readonly [id: string, hazard: string, with_: string])[] = []

/** The table as Markdown. */
export function hazardTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const rows = hazards.map(({ id, hazard, control, where, planted, remains }) =>
    [
      id,
      hazard,
      control,
      where.map((file) => `\`${file}\``).join(' '),
      planted.map(([file, name]) => `${name} (\`${file}\`)`).join('; '),
      remains,
    ]
      .map(cell)
      .join(' | '),
  )
  return [
    '# Hazards and their controls',
    '',
    'Written from `test/hazards.ts` by its test; `npm run golden` rewrites it. Each row names the tests that plant the failure and see it caught.',
    '',
    '| id | hazard | control | where | planted failures | what remains |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
    ...(toCome.length === 0 ? [] : ['## To come', '']),
    ...toCome.map(([id, hazard, part]) => `- ${id} · ${hazard}: with ${part}`),
    '',
  ].join('\n')
}
