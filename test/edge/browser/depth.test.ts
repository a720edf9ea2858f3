/** The depth of a page is that of its elements. */

import { expect, it } from 'vitest'
import { depthOf } from '../../../src/edge/browser/depth.ts'

it.each([
  ['', 0],
  ['text', 0],
  ['<a/>', 0],
  ['<a><b/></a>', 1],
  ['<!DOCTYPE html>\n<a>x<b>y</b><b>z</b></a>', 2],
  ['<a x="</a>" y=\'<b>\'><b z=">"><c x="/"/></b></a>', 2],
  ['<a><!-- <b><b><b> --><![CDATA[<b><b>]]><?b <b><b>?></a>', 1],
  ['<ä:ü><b\n>x</b\n></ä:ü>', 2],
  ['</a></a><a><b>', 2],
  [`${'<div>'.repeat(5_000)}${'</div>'.repeat(5_000)}`, 5_000],
])('%j is %d deep', (xhtml, depth) => {
  expect(depthOf(xhtml)).toBe(depth)
})

it('a tag that never ends takes no time', () => {
  const start = performance.now()
  expect(depthOf(`<a ${'b="'.repeat(20_000)}`)).toBe(0)
  expect(depthOf('<a '.repeat(20_000))).toBe(0)
  expect(performance.now() - start).toBeLessThan(1_000)
})
