/** Argument lists read by a table. */

import { describe, expect, it } from 'vitest'
import { Stop } from '../../src/cli/answer.ts'
import { readArguments, written, type Grammar } from '../../src/cli/arguments.ts'
import { oneOf, text } from '../../src/shape.ts'

const grammar: Grammar = {
  operands: { label: '<document>', least: 1, most: 1 },
  options: {
    source: { shape: text('folder'), text: 'where from', many: true },
    fullUrl: { shape: oneOf(['rest', 'uuid']), text: 'form of fullUrl' },
    level: { shape: oneOf(['B'], ['T']), text: 'level' },
    seal: { shape: 'flag', text: 'seal' },
  },
  later: ['--tsa'],
}

it('options and operands stand in any order, with blank or equals sign', () => {
  const { operands, values } = readArguments(grammar, [
    '--source',
    'a',
    'doc.json',
    '--full-url=uuid',
    '--source=b',
    '--seal',
  ])
  expect(operands).toEqual(['doc.json'])
  expect(values).toEqual({ source: ['a', 'b'], fullUrl: 'uuid', seal: true })
})

it('after -- everything is an operand', () => {
  expect(readArguments(grammar, ['--', '--seal']).operands).toEqual(['--seal'])
})

it('a single hyphen is an operand', () => {
  expect(readArguments(grammar, ['-']).operands).toEqual(['-'])
})

describe('what is wrong ends with exit 2 and says what was expected', () => {
  it.each([
    [['doc.json', '--ful-url', 'uuid'], 'The option --ful-url is unknown, the nearest is --full-url'],
    [
      ['doc.json', '--bananas-and-pears'],
      'The option --bananas-and-pears is unknown, expected one of --source, --full-url, --level, --seal',
    ],
    [['doc.json', '-x'], 'The option -x is unknown, expected one of --source, --full-url, --level, --seal'],
    [
      ['doc.json', '--constructor'],
      'The option --constructor is unknown, expected one of --source, --full-url, --level, --seal',
    ],
    [
      ['doc.json', '--tsa', 'https://tsa.example'],
      '--tsa is not supported yet, supported: --source, --full-url, --level, --seal',
    ],
    [['doc.json', '--level', 'T'], '--level T is not supported yet, supported: B'],
    [['doc.json', '--full-url', 'oid'], '--full-url has the value "oid", expected rest | uuid'],
    [['doc.json', '--full-url'], '--full-url has no value, expected rest | uuid'],
    [['doc.json', '--full-url', '--seal'], '--full-url has no value, expected rest | uuid'],
    [['doc.json', '--full-url', 'uuid', '--full-url', 'uuid'], '--full-url is given twice, expected once'],
    [['doc.json', '--seal=yes'], '--seal takes no value, found "yes"'],
    [[], '<document> is missing, expected one'],
    [['a.json', 'b.json'], 'The argument "b.json" is one too many, expected one <document>'],
  ])('%j', (args, expected) => {
    let thrown: unknown
    try {
      readArguments(grammar, args)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(Stop)
    expect(thrown).toMatchObject({ exit: 2, issues: [{ severity: 'error', code: 'value', text: expected }] })
  })
})

it('camel case is written with hyphens', () => {
  expect(written('passwordFile')).toBe('--password-file')
})
