/** The page of issues beside the document: every issue once, by section and entry, with a way to its place. */

import { describe, expect, it } from 'vitest'
import type { Issue } from '../../src/fhir/issue.ts'
import { tokenize } from '../../src/fhir/xhtml.ts'
import type { Bundle } from '../../src/fhir/types.ts'
import { issuesPage } from '../../src/render/report.ts'
import { base, patched } from '../check/fixtures.ts'
import { openDesign } from '../design.ts'

const { render } = await openDesign()
const issue = (expression: string | undefined, more: Partial<Issue> = {}): Issue => ({
  severity: 'error',
  code: 'invalid',
  text: `At ${expression ?? 'no place'}`,
  ...(expression !== undefined && { expression }),
  ...more,
})
const titled = patched(base, [{ op: 'replace', path: '/entry/0/resource/section/0/title', value: 'First <one>' }]) as unknown as Bundle // prettier-ignore

/** The headings of the issues with the texts below them. */
function groups(page: string): readonly string[] {
  const [, list = ''] = /<section class="issues"[\s\S]*?>([\s\S]*)<div class="sheet">/.exec(page) ?? []
  return [...list.matchAll(/<h2[^>]*>([\s\S]*?)<\/h2>|<\/strong> ([^<]*)<\/p>/g)].map(([, heading, text]) =>
    heading === undefined ? `  ${text}` : heading.replaceAll(/<[^>]*>/g, ''),
  )
}

describe('the page of issues', () => {
  const entry = (bundle: Bundle, type: string): number =>
    (bundle.entry ?? []).findIndex(({ resource }) => resource?.resourceType === type)

  it('tells each issue with the section that it lies in, or that lists its entry', () => {
    const issues = [
      issue(undefined),
      issue('Bundle.entry[0].resource.section[0].text.div'),
      issue('Bundle.entry[0].resource.status'),
      issue(`Bundle.entry[${entry(titled, 'Patient')}].resource.gender`),
      issue(`Bundle.entry[${entry(titled, 'Provenance')}]`),
    ]
    expect(groups(issuesPage(titled, issues, render))).toEqual([
      'The document as a whole',
      '  At no place',
      'The Composition',
      '  At Bundle.entry[0].resource.status',
      'The subject',
      `  At ${issues[3]?.expression}`,
      'First &lt;one&gt;',
      '  At Bundle.entry[0].resource.section[0].text.div',
      `Provenance (entry ${entry(titled, 'Provenance')})`,
      `  At ${issues[4]?.expression}`,
    ])
  })

  it('links to the place on the page, and to the sentence of the rule', () => {
    const source = 'https://hl7.org/fhir/R4/composition.html'
    const page = issuesPage(base, [issue('Bundle.entry[0].resource.section[0]', { rule: 'cmp-1', source })], render)
    expect(page).toContain('<a href="#section-1"><code dir="ltr">Bundle.entry[0].resource.section[0]</code></a>')
    expect(page).toContain('id="section-1"')
    expect(page).toContain(`<a href="${source}" rel="noreferrer">cmp-1</a>`)
  })

  it('says severities in words, the worst as the tone of the whole', () => {
    const page = issuesPage(base, [issue('Bundle', { severity: 'warning' }), issue('Bundle')], render)
    expect(page).toContain('<p class="count error"><strong>1 error, 1 warning</strong></p>')
    expect(page).toContain('<strong class="severity">Warning</strong>')
    expect(issuesPage(base, [], render)).toContain('No issue was found')
  })

  it('has no script, loads nothing and is well-formed, whatever an issue says', () => {
    const text = '<script>alert(1)</script>&"\''
    const page = issuesPage(base, [issue('Bundle', { text, rule: 'x', source: 'javascript:alert(1)' })], render)
    expect(page).not.toMatch(/<script|javascript:/)
    expect(page).toContain("default-src 'none'")
    expect(tokenize(page.replace(/^<!DOCTYPE html>\s*/i, '')).faults).toEqual([])
  })

  it('stands where the document cannot be shown, and says why', () => {
    const noDocument = { resourceType: 'Bundle', type: 'collection' } as unknown as Bundle
    const page = issuesPage(noDocument, [issue('Bundle')], render)
    expect(page).toContain('The document cannot be shown.')
    expect(page).toContain('expected a document Bundle')
    expect(page).toContain('At Bundle')
  })
})
