/** The report on a PDF as a whole, its pages among what is judged. */

import type { PagesCheck, Report } from '../report.ts'

const FAULTY = { indication: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' } as const
const UNKNOWN = { indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' } as const

/**
 * The report with what was found of the pages. Pages that show something else let nothing pass; where the PDF bears no
 * signature of its own, pages that were not checked let nothing pass either, as nobody vouches for them.
 */
export function withPages(report: Report, pages: PagesCheck): Report {
  if (report.indication !== 'TOTAL_PASSED' || pages.verdict === 'passed') return { ...report, pages }
  const isSigned = report.signatures.some(({ where }) => where === 'pdf' || where.startsWith('pdf/'))
  if (pages.verdict === 'failed') return { ...report, ...FAULTY, pages }
  return isSigned ? { ...report, pages } : { ...report, ...UNKNOWN, pages }
}
