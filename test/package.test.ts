/** The published package: packed, installed elsewhere, and run there. */

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'package-'))
const elsewhere = join(folder, 'elsewhere')
const installed = join(elsewhere, 'node_modules', 'fhirdoc')

/** What packing needs of the checkout; a copy, as the build writes into it. */
const SOURCES = [
  '.config',
  'LICENSE',
  'README.md',
  'bin',
  'fixtures',
  'package.json',
  'profiles',
  'src',
  'templates',
  'tools',
  'tsconfig.json',
]

function packed(): string {
  const checkout = join(folder, 'checkout')
  for (const name of SOURCES) cpSync(join(root, name), join(checkout, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: checkout, stdio: 'pipe' })
  const [name] = readdirSync(folder).filter((each) => each.endsWith('.tgz'))
  return join(folder, name ?? 'no package')
}

/** The package unpacked, with its dependencies beside it, as npm would install it. */
beforeAll(() => {
  const tarball = packed()
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(elsewhere, 'node_modules', name))
  }
}, 240_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fhirdoc(...args: readonly string[]): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  return spawnSync(process.execPath, [join(installed, 'bin', 'fhirdoc.js'), ...args], {
    cwd: elsewhere,
    encoding: 'utf8',
  })
}

it('holds the JavaScript and what was built, and no sources', () => {
  expect(readdirSync(installed).sort()).toEqual([
    'LICENSE',
    'README.md',
    'bin',
    'build',
    'dist',
    'fixtures',
    'package.json',
    'profiles',
  ])
})

describe('installed elsewhere', () => {
  it('says its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(fhirdoc('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('composes and checks a document', () => {
    const fixture = join(installed, 'fixtures', 'documents', 'discharge')
    const composed = fhirdoc(
      'compose',
      join(fixture, 'composition.json'),
      '--source',
      join(fixture, 'resources'),
      '--out',
      'document.json',
    )
    expect([composed.status, composed.stdout]).toEqual([0, ''])
    const { status, stdout } = fhirdoc('check', 'document.json')
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^0 errors/)])
  })

  it('renders it', () => {
    const { status, stdout } = fhirdoc('render', 'document.json')
    expect([status, stdout]).toEqual([0, expect.stringContaining('<html')])
  })
})
