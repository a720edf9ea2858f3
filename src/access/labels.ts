/** Security labels: what may be seen only for a stated purpose. @see https://hl7.org/fhir/R4/security-labels.html */

import type { Caller } from '../ports.ts'

export interface LabelRow {
  /** A code of v3-Confidentiality, or of v3-ActCode, v3-ObservationValue and their like. */
  readonly label: string
  /** What it says, in our own words. */
  readonly text: string
  /** The purposes, of v3-PurposeOfUse, of which the caller must state one. */
  readonly purposes: readonly string[]
}

const CARE = ['TREAT', 'ETREAT', 'BTG', 'CAREMGT', 'PATRQT'] as const
const EMERGENCY = ['ETREAT', 'BTG'] as const

/** What is withheld from whoever states none of the purposes; labels that stand in no row withhold nothing. */
export const LABELS: readonly LabelRow[] = [
  { label: 'R', text: 'restricted: of great harm where it comes out', purposes: CARE },
  { label: 'V', text: 'very restricted: only what cannot wait, or what the patient asks for', purposes: [...EMERGENCY, 'PATRQT'] },
  { label: 'ETH', text: 'substance use', purposes: CARE },
  { label: 'ETHUD', text: 'alcohol use', purposes: CARE },
  { label: 'OPIOIDUD', text: 'opioid use', purposes: CARE },
  { label: 'SUD', text: 'substance use disorder', purposes: CARE },
  { label: 'HIV', text: 'HIV and AIDS', purposes: CARE },
  { label: 'STD', text: 'sexually transmitted disease', purposes: CARE },
  { label: 'SEX', text: 'sexuality and reproductive health', purposes: CARE },
  { label: 'PSY', text: 'psychiatry', purposes: CARE },
  { label: 'PSYTHPN', text: 'notes of psychotherapy', purposes: [...EMERGENCY, 'PATRQT'] },
  { label: 'BH', text: 'behavioural health', purposes: CARE },
  { label: 'MH', text: 'mental health', purposes: CARE },
  { label: 'SDV', text: 'sexual assault, abuse or domestic violence', purposes: CARE },
  { label: 'VIO', text: 'violence', purposes: CARE },
  { label: 'GDIS', text: 'genetic disease', purposes: CARE },
  { label: 'SCA', text: 'sickle cell disease', purposes: CARE },
  { label: 'CEL', text: 'a person in the public eye', purposes: CARE },
  { label: 'VIP', text: 'a person in the public eye', purposes: CARE },
  { label: 'EMP', text: 'one of the house', purposes: CARE },
  { label: 'TABOO', text: 'not to be told to the patient before a clinician does', purposes: ['TREAT', 'ETREAT', 'BTG', 'CAREMGT'] },
  { label: 'NOAUTH', text: 'not to be disclosed without authorization', purposes: EMERGENCY },
  { label: 'NODSCLCD', text: 'not to be disclosed without consent', purposes: EMERGENCY },
  { label: 'NODSCLCDS', text: 'not to be disclosed without consent of the subject', purposes: EMERGENCY },
] // prettier-ignore

/** The labels that a caller may not see. */
export function barredFor({ purposes, emergency }: Pick<Caller, 'purposes' | 'emergency'>): readonly string[] {
  const stated = new Set([...purposes, ...(emergency === undefined ? [] : EMERGENCY)])
  return LABELS.filter((row) => !row.purposes.some((purpose) => stated.has(purpose))).map(({ label }) => label)
}
