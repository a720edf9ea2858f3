/** The layers hold, and planted faults are caught. */

import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DOORS, faults, type SourceFile } from './architecture.ts'

const root = new URL('..', import.meta.url).pathname
const files: readonly SourceFile[] = globSync('src/**/*.ts', { cwd: root }).map((path) => ({
  path,
  text: readFileSync(root + path, 'utf8'),
}))

it('the sources keep the layers', () => {
  expect(files.length).toBeGreaterThan(20)
  expect(faults(files)).toEqual([])
})

it('each door exists and each dependency has one', () => {
  const { dependencies } = JSON.parse(readFileSync(root + 'package.json', 'utf8')) as {
    dependencies: Record<string, string>
  }
  // Fonts are files, not code.
  expect(
    Object.keys(dependencies)
      .filter((name) => !/^@(?:fontsource|expo-google-fonts)\//.test(name))
      .sort(),
  ).toEqual(Object.keys(DOORS).sort())
  expect(Object.values(DOORS).filter((door) => !files.some(({ path }) => path === door))).toEqual([])
})

it('each test file stands beside what it tests', () => {
  const tests = globSync('test/{fhir,collect,check,sign,render,edge,cli,http}/**/*.test.ts', { cwd: root })
  const orphans = tests.filter((test) => {
    const source = test.replace(/^test\//, 'src/').replace(/(?:\.[a-z]+)?\.test\.ts$/, '.ts')
    return !files.some(({ path }) => path === source)
  })
  expect(orphans).toEqual([])
})

describe('planted faults are caught', () => {
  const opening = '/** A planted fault. */\n'
  it.each([
    [
      'an effect in a stage',
      'src/collect/planted.ts',
      "import { readFileSync } from 'node:fs'",
      'collect has no effects',
    ],
    ['a dynamic import of the browser', 'src/render/planted.ts', "await import('puppeteer')", 'its door is'],
    [
      'a second door to a package',
      'src/check/planted.ts',
      "import fhirpath from 'fhirpath'",
      'its door is src/fhir/path.ts',
    ],
    ['a package without a door', 'src/edge/planted.ts', "import _ from 'lodash'", 'not in the table'],
    ['the edge from a stage', 'src/sign/planted.ts', "import { x } from '../edge/log.ts'", 'sign may not import edge'],
    [
      'a stage from a stage',
      'src/check/planted.ts',
      "import { x } from '../render/page.ts'",
      'check may not import render',
    ],
    [
      'a type-only back-import',
      'src/fhir/planted.ts',
      "import type { Rule } from '../check/rule.ts'",
      'fhir may not import check',
    ],
    ['a clock in a stage', 'src/sign/planted.ts', 'export const now = () => Date.now()', 'reads the clock'],
    [
      'randomness in a stage',
      'src/collect/planted.ts',
      'export const id = () => crypto.randomUUID()',
      'makes random values',
    ],
    ['the environment outside main', 'src/cli/planted.ts', 'export const home = process.env.HOME', 'only src/main.ts'],
    ['a default export', 'src/check/planted.ts', 'export default 1', 'default export'],
    ['a file that is too long', 'src/check/planted.ts', '\n'.repeat(300), 'at most 300'],
  ])('%s', (_, path, text, expected) => {
    expect(faults([{ path, text: opening + text }]).join('\n')).toContain(expected)
  })

  it('a cycle of two files', () => {
    const one = { path: 'src/fhir/one.ts', text: `${opening}import { b } from './two.ts'\n` }
    const two = { path: 'src/fhir/two.ts', text: `${opening}import type { a } from './one.ts'\n` }
    expect(faults([one, two])).toEqual(['a cycle of imports: src/fhir/one.ts → src/fhir/two.ts → src/fhir/one.ts'])
  })
})
