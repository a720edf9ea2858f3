/** What no tag says is an artifact; what a tag says is left as it is. */

import { describe, expect, it } from 'vitest'
import { withArtifacts } from '../../../src/render/pdf/artifacts.ts'

const tagged = '/P <</MCID 0 >>BDC\nBT\n/F4 10 Tf\n<0001> Tj\nET\n0 0 1 1 re\nf\nEMC\n'

describe('artifacts', () => {
  it.each([
    ['q\n0 0 10 10 re\nf\nQ\n', 'q\n/Artifact BMC\n0 0 10 10 re\nf\nEMC\nQ\n'],
    ['0 0 m\n1 1 l\n0 0 1 1 2 2 c\nS\n', '/Artifact BMC\n0 0 m\n1 1 l\n0 0 1 1 2 2 c\nS\nEMC\n'],
    ['0 0 9 9 re\nW n\n1 0 0 rg\n', '/Artifact BMC\n0 0 9 9 re\nW n\nEMC\n1 0 0 rg\n'],
    ['BT\n/F4 10 Tf\n<0001> Tj\nET\n', '/Artifact BMC\nBT\n/F4 10 Tf\n<0001> Tj\nET\nEMC\n'],
    ['/X5 Do\n', '/Artifact BMC\n/X5 Do\nEMC\n'],
    [
      '/Span<</ActualText (fi) >> BDC\n/X5 Do\nEMC\n',
      '/Span<</ActualText (fi) >> BDC\n/Artifact BMC\n/X5 Do\nEMC\nEMC\n',
    ],
  ])('%j becomes one', (content, expected) => {
    expect(withArtifacts(content)).toBe(expected)
  })

  it.each([tagged, '/Artifact BMC\n0 0 1 1 re\nf\nEMC\n', '1 0 0 RG\nq\nQ\n', ''])('%j stays', (content) => {
    expect(withArtifacts(content)).toBe(content)
  })

  it('begins again after a tag', () => {
    expect(withArtifacts(`${tagged}0 0 1 1 re\nf`)).toBe(`${tagged}/Artifact BMC\n0 0 1 1 re\nf\nEMC\n`)
  })
})
