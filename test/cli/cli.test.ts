/** The command line: its commands on real documents, and each way in which they can fail. */

import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { demoSigner } from '../../src/edge/keys/demo.ts'
import { issueCertificate } from '../../src/edge/keys/issue.ts'
import { toPem } from '../../src/edge/keys/pem.ts'
import { fixture, newFolder, running, stillEdge } from './running.ts'

const folder = newFolder()
const at = (name: string): string => join(folder, name)
const document = at('document.json')
const compose = ['compose', `${fixture}composition.json`, '--source', `${fixture}resources`]

interface Json {
  readonly resourceType?: string
  readonly indication?: string
  readonly issue?: readonly { readonly severity: string; readonly details: { readonly text: string } }[]
}
function read(text: string): Json {
  return JSON.parse(text) as Json
}

beforeAll(async () => {
  const { exit, err } = await running([...compose, '--out', document, '--receipt', at('receipt.json')])
  expect([exit, err.match(/^(error|fatal)/m)]).toEqual([0, null])
})

describe('convert', () => {
  it('writes the document as XML, which every command reads as the same', async () => {
    expect((await running(['convert', document, '--out', at('document.xml')])).exit).toBe(0)
    expect(readFileSync(at('document.xml'), 'utf8')).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Bundle xmlns=/,
    )
    const [json, xml] = await Promise.all(
      ['document.json', 'document.xml'].map((name) => running(['octets', at(name)])),
    )
    expect(xml?.out).toBe(json?.out)
    expect((await running(['check', at('document.xml')])).exit).toBe(0)
    expect((await running(['compose', at('document.xml'), '--out', at('again.xml')])).exit).toBe(0)
    expect(readFileSync(at('again.xml'), 'utf8')).toContain('<type value="document"/>')
  })

  it('writes XML as JSON, members in the order of the definitions', async () => {
    const stdin = '<Patient xmlns="http://hl7.org/fhir"><id value="p"/><birthDate value="1970"/></Patient>'
    const { exit, out } = await running(['convert', '-', '--to', 'json'], { stdin })
    expect([exit, out]).toEqual([0, '{\n  "resourceType": "Patient",\n  "id": "p",\n  "birthDate": "1970"\n}\n'])
  })

  it.each([
    [['convert', '-'], '{"resourceType":"Patient"}', 2, 'A format is missing'],
    [
      ['convert', '-', '--to', 'xml'],
      '{"resourceType":"Patient","a":1}',
      1,
      'a member a that the definitions do not know',
    ],
    [['convert', '-', '--to', 'xml'], '[]', 1, 'no FHIR resource'],
  ])('%j of %s fails', async (words, stdin, expected, text) => {
    const { exit, err } = await running(words, { stdin })
    expect([exit, err]).toEqual([expected, expect.stringContaining(text)])
  })
})

describe('compose', () => {
  it('writes the document and the receipt', () => {
    expect(readFileSync(document, 'utf8')).toMatch(
      /^{\n {2}"resourceType": "Bundle",\n {2}"type": "document"|"type": "document"/,
    )
    const receipt = JSON.parse(readFileSync(at('receipt.json'), 'utf8')) as { references: unknown[] }
    expect(receipt.references.length).toBeGreaterThan(100)
  })

  it('writes the document to standard output, and there nothing else', async () => {
    const { exit, out, err } = await running([...compose, '--json'])
    expect([exit, read(out).resourceType, read(err).resourceType]).toEqual([0, 'Bundle', 'OperationOutcome'])
  })

  it('takes the Composition by its name in a source', async () => {
    const { id } = JSON.parse(readFileSync(`${fixture}composition.json`, 'utf8')) as { id: string }
    const { exit, out } = await running(['compose', `Composition/${id}`, '--source', document])
    expect([exit, read(out).resourceType]).toEqual([0, 'Bundle'])
  })

  it('takes a Bundle as the Composition and its own source', async () => {
    const { exit, out } = await running(['compose', document])
    expect([exit, read(out).resourceType]).toEqual([0, 'Bundle'])
  })

  it('makes the same of the same', async () => {
    const [one, two] = await Promise.all([running(compose), running(compose)])
    expect(one.out).toBe(two.out)
  })

  it('names every missing reference, exits 1 and writes nothing', async () => {
    const { exit, out, err } = await running(['compose', `${fixture}composition.json`, '--out', at('never.json')])
    expect([exit, out, existsSync(at('never.json'))]).toEqual([1, '', false])
    expect(err.match(/^error Bundle.*Composition|^error .*entry/gm)?.length).toBeGreaterThan(10)
  })

  it.each([
    [['compose', 'Composition/1'], 'Composition/1 is no file and there is no source, expected --source'],
    [[...compose, '--sign'], '--sign has no key, expected --key'],
    [[...compose, '--key', 'a.pem'], '--key is of no use without --sign'],
    [[...compose, '--full-url', 'rest'], 'The form rest of fullUrl needs a base and none is known'],
    [[...compose, '--graph', 'x'], 'The file x is not there'],
    [[...compose, '--fhir-version', '5.0'], '--fhir-version 5.0 is not supported yet, supported: 4.0 | 4.0.1'],
    [['compose', `${fixture}composition.json`, '--source', 'nowhere'], 'The source nowhere is not there'],
    [[...compose, '--out', 'a', '--receipt', 'a'], 'Two results have one file'],
  ])('%j is exit 2', async (args, text) => {
    const { exit, out, err } = await running(args)
    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain(text)
  })
})

describe('check', () => {
  it('--html writes the issues beside the document, for one document', async () => {
    const report = at('report.html')
    expect((await running(['check', document, '--html', report])).exit).toBe(0)
    expect(readFileSync(report, 'utf8')).toMatch(/<p class="count [a-z]*"><strong>(?:No issue|\d+ )/)
    expect((await running(['check', document, document, '--html', report])).exit).toBe(2)
  })

  it('says how many issues there are, each on a line of standard error', async () => {
    const { exit, out, err } = await running(['check', document])
    expect([exit, out]).toEqual([0, expect.stringMatching(/^0 errors, \d+ warnings?\n$/)])
    for (const line of err.split('\n').filter(Boolean))
      expect(line).toMatch(/^(warning|information) \S+(?: and \d+ more)?: .* \(\S+\)$/)
  })

  it('with --json an OperationOutcome, one on a line where there are several documents', async () => {
    const one = await running(['check', document, '--json'])
    const two = await running(['check', document, document, '--json'])
    expect(read(one.out).resourceType).toBe('OperationOutcome')
    expect(
      two.out
        .trimEnd()
        .split('\n')
        .map((line) => read(line).resourceType),
    ).toEqual(['OperationOutcome', 'OperationOutcome'])
  })

  it('goes on after a document that cannot be read; the worst decides; lines name the file', async () => {
    writeFileSync(at('broken.json'), '{"resourceType":')
    const { exit, out, err } = await running(['check', at('broken.json'), at('nowhere.json'), document])
    expect(exit).toBe(2)
    expect(out).toMatch(new RegExp(`^${document}: 0 errors`))
    expect(err).toContain(`${at('broken.json')}: error: `)
  })

  it('--profile asks a profile of the document, several where it is given several times', async () => {
    const ips = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips'
    const { exit, err } = await running(['check', document, '--profile', ips, '--profile', 'urn:none'])
    expect(exit).toBe(1)
    expect(err).toMatch(/error Bundle\.entry\[0\]\.resource\b.*Composition \(IPS\)/)
    expect(err).toContain('The profile urn:none is not at hand')
  })

  it('reads standard input', async () => {
    const { exit } = await running(['check', '-'], { stdin: readFileSync(document, 'utf8') })
    expect(exit).toBe(0)
  })

  it.each([
    ['not JSON', '{"a":', 1, 'line 1'],
    ['empty', '', 1, 'line 1'],
    ['not FHIR', '[1]', 1, 'no FHIR resource, expected a Bundle'],
    ['another resource', '{"resourceType":"Patient"}', 1, 'The input is a Patient, expected a Bundle'],
    ['XML of another kind', '<ClinicalDocument xmlns="urn:hl7-org:v3"/>', 1, 'in no namespace that FHIR has'],
    ['XML cut off', '<Bundle xmlns="http://hl7.org/fhir"><type', 1, 'The XML is not well-formed'],
    ['PDF', '%PDF-1.7', 2, 'The input is a PDF, expected FHIR as JSON or XML'],
    ['a document without entries', '{"resourceType":"Bundle","type":"document"}', 1, 'error'],
  ])('input that is %s', async (_, stdin, expected, text) => {
    const { exit, err } = await running(['check', '-'], { stdin })
    expect([exit, err]).toEqual([expected, expect.stringContaining(text)])
  })

  it('with --json a failure is an OperationOutcome too', async () => {
    const { exit, out, err } = await running(['check', at('nowhere.json'), '--json'])
    expect([exit, err]).toEqual([2, ''])
    expect(read(out).issue?.[0]?.details.text).toBe(`The file ${at('nowhere.json')} is not there`)
  })

  it('a folder in the place of a file is exit 3', async () => {
    expect(await running(['check', folder])).toMatchObject({
      exit: 3,
      err: `error: The file ${folder} is a folder, expected a file\n`,
    })
  })

  it('control characters of a document do not reach the terminal', async () => {
    const stdin = '{"resourceType":"Evil\\u001b[2J\\nerror: forged"}'
    const { err } = await running(['check', '-'], { stdin })
    expect(err).not.toContain('\u001b')
    expect(err.split('\n')).toHaveLength(2)
  })
})

describe('sign and verify', () => {
  const signer = demoSigner({ now: stillEdge.now() })
  const signed = at('signed.json')

  beforeAll(async () => {
    const { exit } = await running(['demo', '--out', at('demo')])
    expect(exit).toBe(0)
    writeFileSync(at('crl.pem'), toPem('X509 CRL', signer.crls[0]))
    writeFileSync(at('trust.pem'), signer.trustPem)
    writeFileSync(signed, readFileSync(at('demo/document.json')))
  })

  it('the demo is verified against its own root, but for the list that is not at hand', async () => {
    const { exit, out } = await running(['verify', signed, '--trust', at('demo/trust.pem'), '--no-revocation'])
    expect([exit, out.split('\n')[0]]).toEqual([0, 'TOTAL_PASSED'])
    const without = await running(['verify', signed, '--trust', at('demo/trust.pem'), '--json'])
    expect([without.exit, read(without.out).indication]).toEqual([1, 'INDETERMINATE'])
  })

  it('without trust it is never passed', async () => {
    const { exit, out } = await running(['verify', signed])
    expect([exit, out.split('\n')[0]]).toEqual([1, 'INDETERMINATE (NO_CERTIFICATE_CHAIN_FOUND)'])
    expect(out).toContain('not-checked')
  })

  it('a changed document is TOTAL_FAILED', async () => {
    writeFileSync(at('changed.json'), readFileSync(signed, 'utf8').replace('"title": "', '"title": "X'))
    const { exit, out } = await running(['verify', at('changed.json'), '--trust', at('demo/trust.pem'), '--json'])
    expect([exit, read(out).indication]).toEqual([1, 'TOTAL_FAILED'])
  })

  it('a document without a signature is said to have none', async () => {
    const { exit, out } = await running(['verify', document])
    expect([exit, out]).toEqual([1, 'INDETERMINATE\n  the document bears no signature\n'])
  })

  describe("with a key of one's own", () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const period = { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }
    const name = { O: 'Test hospital', CN: 'Test root (test key)' }
    const issuer = { name, key: privateKey }
    const certificate = issueCertificate(issuer, {
      ...period,
      subject: name,
      key: privateKey,
      serial: 1,
      keyUsage: ['digitalSignature', 'nonRepudiation'],
    })
    const pem = (cipher?: { cipher: string; passphrase: string }): string =>
      privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }) as string

    beforeAll(() => {
      writeFileSync(at('key.pem'), pem() + toPem('CERTIFICATE', certificate))
      writeFileSync(at('locked.pem'), pem({ cipher: 'aes-256-cbc', passphrase: 'right' }))
      writeFileSync(at('cert.pem'), toPem('CERTIFICATE', certificate))
      writeFileSync(at('right.txt'), 'right\n')
      writeFileSync(at('wrong.txt'), 'wrong\n')
    })

    it('signs, and the signature holds', async () => {
      const { exit, out } = await running(['sign', document, '--key', at('key.pem')])
      expect([exit, read(out).resourceType]).toEqual([0, 'Bundle'])
      writeFileSync(at('own.json'), out)
      const { out: report } = await running(['verify', at('own.json'), '--trust', at('cert.pem'), '--no-revocation'])
      expect(report).toContain('passed integrity')
    })

    it.each([
      [['--type', 'foo'], '--type has the value "foo", expected 1.2.840'],
      [['--who', 'nonsense'], '--who has the value "nonsense", expected a reference'],
      [['--seal', '--type', '1.2.840.10065.1.12.1.1'], '(signer-claim)'],
    ])('a claim that cannot be (%j) is exit 2', async (args, text) => {
      const { exit, out, err } = await running(['sign', document, '--key', at('key.pem'), ...args])
      expect([exit, out, err]).toEqual([2, '', expect.stringContaining(text)])
    })

    it('composes and signs in one go', async () => {
      const { exit, out } = await running([...compose, '--sign', '--key', at('key.pem')])
      expect([exit, out]).toEqual([0, expect.stringContaining('"signature"')])
    })

    it('takes the password from a file or from the setting, and a wrong one is exit 3', async () => {
      const sign = ['sign', document, '--key', at('locked.pem'), '--cert', at('cert.pem')]
      expect(await running([...sign, '--password-file', at('right.txt')])).toMatchObject({ exit: 0 })
      expect(await running(sign, { env: { FHIRDOC_SIGNING_PASSWORD: 'right' } })).toMatchObject({ exit: 0 })
      for (const args of [
        sign,
        [...sign, '--password-file', at('wrong.txt')],
        [...sign, '--password-file', at('none.txt')],
      ]) {
        const { exit, out, err } = await running(args)
        expect([exit, out, err.trimEnd().split('\n').length]).toEqual([3, '', 1])
        expect(err).not.toContain('wrong\n')
      }
    })

    it('refuses to sign twice, and to sign what has errors', async () => {
      const signedOnce = await running(['sign', signed, '--key', at('key.pem')])
      expect([signedOnce.exit, signedOnce.err]).toEqual([1, expect.stringContaining('signature')])
      writeFileSync(at('bad.json'), '{"resourceType":"Bundle","type":"document"}')
      expect(await running(['sign', at('bad.json'), '--key', at('key.pem'), '--out', at('never.json')])).toMatchObject({
        exit: 1,
      })
      expect(existsSync(at('never.json'))).toBe(false)
    })

    it.each(['{}x', '[]', '{"ab":"Practitioner/1"}', '{"ab":1}'])(
      'a table of signers that is none (%s) is exit 3',
      async (table) => {
        writeFileSync(at('signers.json'), table)
        expect(
          await running(['sign', document, '--key', at('key.pem'), '--signers', at('signers.json')]),
        ).toMatchObject({ exit: 3, out: '' })
      },
    )
  })

  it('--crl wants a list', async () => {
    expect(await running(['verify', signed, '--crl', at('trust.pem')])).toMatchObject({
      exit: 2,
      err: 'error: --crl names no certificate revocation list\n',
    })
    expect(await running(['verify', signed, '--crl', at('crl.pem')])).toMatchObject({ exit: 1 })
  })

  it.each([
    [['sign', document], 2, 'A key is missing, expected --key'],
    [['sign', document, '--key', at('nowhere.p12')], 3, `The key file ${at('nowhere.p12')} is not there`],
    [['sign', document, '--key', document], 3, 'error: '],
    [['sign', document, '--key', at('trust.pem')], 3, 'error: '],
    [['sign', document, '--key', 'k.pem', '--tsa', 'https://tsa.example'], 2, '--tsa is of no use for level B'],
    [['sign', document, '--key', 'k.pem', '--level', 'LT'], 2, 'level LT is missing, expected --sidecar'],
    [
      ['sign', document, '--key', 'k.pem', '--level', 'T', '--sidecar', 's.json'],
      2,
      'authority is missing, expected --tsa',
    ],
    [
      ['sign', document, '--key', 'k.pem', '--level', 'LT', '--sidecar', 's.json', '--tsa', 'https://tsa.example'],
      2,
      'Trust anchors are missing, which level LT needs',
    ],
    [['sign', document, '--key', 'k.pem', '--format', 'pdf'], 2, '--format has the value "pdf"'],
    [
      ['sign', document, '--key', 'k.pem', '--password', 'secret'],
      2,
      'The option --password is unknown, the nearest is --password-file',
    ],
    [['verify', signed, '--trust', at('nowhere')], 2, 'is not there'],
    [['verify', signed, '--trust', document], 3, 'holds neither certificates nor revocation lists'],
    [['verify', signed, '--at', 'yesterday'], 2, '--at has the value "yesterday", expected an instant'],
  ])('%j is exit %i', async (args, expected, text) => {
    const { exit, out, err } = await running(args)
    expect([exit, out]).toEqual([expected, ''])
    expect(err).toContain(text)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('render', () => {
  it('writes a page to standard output', async () => {
    const { exit, out } = await running(['render', document])
    expect([exit, out.slice(0, 200)]).toEqual([0, expect.stringContaining('<html')])
  })

  it('prints a PDF where --out says so, and never on a terminal', async () => {
    expect(await running(['render', document, '--out', at('a.pdf')])).toMatchObject({ exit: 0, out: '' })
    expect(readFileSync(at('a.pdf'), 'latin1')).toMatch(/^%PDF/)
    const refused = await running(['render', document, '--to', 'pdf'], { isTerminal: true })
    expect(refused).toMatchObject({ exit: 2, out: '', err: 'error: A PDF is nothing for a terminal, expected --out\n' })
  })

  it('several documents go into a folder', async () => {
    mkdirSync(at('pages'))
    writeFileSync(at('second.json'), readFileSync(document))
    expect(await running(['render', document, at('second.json'), '--out', at('pages')])).toMatchObject({ exit: 0 })
    expect(readdirSync(at('pages')).sort()).toEqual(['document.xhtml', 'second.xhtml'])
  })

  it.each([
    [[document, document], 2, 'expected --out with a folder that is there'],
    [[document, document, '--out', folder], 2, 'Several documents have the name document'],
    [[document, '--archive', '1b'], 2, '--archive has the value "1b", expected 3a | 2a | none'],
    [[document, '--to', 'pdf', '--archive', '2a'], 2, 'PDF/A-2a has the document beside it, expected --out'],
    [[document, '--archive', '2a', '--out', 'a.pdf', '--attach', 'xml'], 2, '--attach is of use in PDF/A-3a alone'],
    [[document, '--out', 'a.pdf', '--attach', 'json'], 2, 'The document is JSON and embedded as such already'],
    [[document, '--template', 'nonesuch'], 2, 'There is no template nonesuch'],
    [[document, '--lang', 'tlh'], 2, 'There are no phrases in the language tlh'],
    [[document, '--out', join(folder, 'no', 'page.xhtml')], 3, 'cannot be written, its folder is not there'],
    [[document, '--out', '/dev/full'], 3, 'The file /dev/full does not fit, the disk is full'],
  ])('%j is exit %i', async (args, expected, text) => {
    const { exit, err } = await running(['render', ...args])
    expect([exit, err]).toEqual([expected, expect.stringContaining(text)])
  })

  it('a browser that fails is exit 3', async () => {
    const printer = { print: () => Promise.reject(new Error('gone')), close: () => Promise.resolve() }
    expect(await running(['render', document, '--to', 'pdf'], { edge: { printer } })).toMatchObject({
      exit: 3,
      out: '',
    })
  })
})

it('octets are the canonical form, without the signature', async () => {
  const plain = await running(['octets', document])
  expect(plain.exit).toBe(0)
  expect(plain.out).toMatch(/^{"entry":\[/)
})

describe('the whole', () => {
  it.each([
    [['--version'], 0, '1.2.3\n'],
    [['check', '--help'], 0, 'fhirdoc check: '],
    [['help', 'check'], 0, 'fhirdoc check: '],
    [['--help'], 0, 'fhirdoc composes'],
    [['serve'], 0, ''],
  ])('%j is exit %i', async (args, exit, out) => {
    const ran = await running(args)
    expect([ran.exit, ran.out.slice(0, out.length), ran.err]).toEqual([exit, out, ''])
  })

  it.each([
    [[], 'A command is missing'],
    [['chek'], 'The command chek is unknown, the nearest is check'],
    [['serve', '--port', '1'], 'The option --port is unknown'],
  ])('%j is exit 2', async (args, text) => {
    const { exit, err } = await running(args)
    expect([exit, err]).toEqual([2, expect.stringContaining(text)])
  })

  it('serve refuses to listen beyond loopback', async () => {
    const { exit, err } = await running(['serve'], { env: { FHIRDOC_HOST: '0.0.0.0' } })
    expect([exit, err]).toEqual([2, expect.stringContaining('set FHIRDOC_HOST to 127.0.0.1')])
  })

  it('at the log level debug a failure comes with what caused it', async () => {
    const { err } = await running(['check', at('nowhere.json')], { env: { FHIRDOC_LOG_LEVEL: 'debug' } })
    expect(err).toContain('ENOENT')
  })
})
