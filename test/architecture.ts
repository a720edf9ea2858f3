/** The rules of the layers as a function over sources: what a file may import, and what a stage may not do. */

import ts from 'typescript'

export interface SourceFile {
  /** From the root of the project: `src/collect/collect.ts`. */
  readonly path: string
  readonly text: string
}

const STAGES = ['collect', 'check', 'sign', 'render'] as const

/** What each layer may import of ours; a layer may always import itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  fhir: [],
  ports: ['fhir'],
  pdf: ['fhir'],
  ...Object.fromEntries(STAGES.map((stage) => [stage, ['fhir', 'pdf', 'ports']])),
  narrating: ['render', 'fhir'],
  inspecting: ['check', 'sign', 'fhir', 'ports'],
  pipeline: ['narrating', 'inspecting', ...STAGES, 'fhir', 'ports'],
  'signing-in': ['access', 'edge', 'http', 'web', 'settings', 'fhir', 'ports'],
  printing: ['edge', 'pipeline', 'render', 'settings', 'fhir', 'ports'],
  attachments: ['fhir', 'ports'],
  drafting: ['attachments', 'collect', 'pipeline', 'request', 'fhir', 'ports'],
  discharge: ['drafting', 'pipeline', 'render', 'fhir', 'ports'],
  guides: ['check', 'collect', 'edge', 'pipeline', 'fhir'],
  archive: ['pipeline', 'pdf', 'render', 'sign', 'fhir', 'ports'],
  attaching: ['archive', 'pipeline', 'fhir', 'ports'],
  'signed-pdf': ['archive', 'pipeline', 'pdf', 'render', 'sign', 'fhir', 'ports'],
  recall: ['pipeline', 'check', 'fhir', 'ports'],
  persist: ['recall', 'pipeline', 'fhir', 'ports'],
  matches: ['fhir', 'ports'],
  successors: ['matches', 'fhir', 'ports'],
  audit: ['fhir', 'ports'],
  access: ['fhir', 'ports'],
  guard: ['access', 'matches', 'fhir', 'ports'],
  admission: ['access', 'edge', 'http', 'settings', 'fhir', 'ports'],
  retention: ['matches', 'fhir', 'ports'],
  edge: ['audit', 'fhir', 'ports'],
  shape: [],
  settings: ['shape', 'fhir', 'ports'],
  options: ['shape'],
  request: ['pipeline', 'shape', 'fhir', 'ports'],
  http: [
    'access',
    'guard',
    'audit',
    'retention',
    'pipeline',
    'drafting',
    'discharge',
    'archive',
    'attaching',
    'signed-pdf',
    'persist',
    'matches',
    'successors',
    'request',
    'options',
    'settings',
    'shape',
    'fhir',
    'ports',
  ],
  cli: [
    'audit',
    'pipeline',
    'drafting',
    'discharge',
    'archive',
    'attaching',
    'signed-pdf',
    'request',
    'options',
    'settings',
    'shape',
    'fhir',
    'ports',
    'edge',
  ],
  editing: ['check', 'collect', 'render', 'pipeline', 'proof-memory', 'fhir', 'ports'],
  'proof-memory': ['pipeline', 'render', 'fhir', 'ports'],
  pages: ['pipeline', 'render', 'sign', 'fhir', 'ports'],
  web: [
    'http',
    'drafting',
    'editing',
    'pages',
    'pipeline',
    'archive',
    'signed-pdf',
    'persist',
    'matches',
    'successors',
    'request',
    'settings',
    'shape',
    'fhir',
    'ports',
  ],
  example: ['edge', 'pipeline', 'fhir', 'ports'],
  main: [
    'audit',
    'example',
    'pipeline',
    'drafting',
    'guides',
    'printing',
    'signing-in',
    'admission',
    'settings',
    'shape',
    'fhir',
    'ports',
    'edge',
    'cli',
    'http',
    'web',
    'check',
    'render',
  ],
}

/** Each npm package and the only file that may import it. */
export const DOORS: Readonly<Record<string, string>> = {
  '@lhncbc/ucum-lhc': 'src/fhir/ucum.ts',
  '@sparticuz/chromium': 'src/edge/browser/install.ts',
  ajv: 'src/check/shape.ts',
  asn1js: 'src/sign/x509.ts',
  'css-tree': 'src/render/stylesheet.ts',
  express: 'src/http/app.ts',
  'fast-json-patch': 'src/http/rest/json-patch.ts',
  fhirpath: 'src/fhir/path.ts',
  handlebars: 'src/render/templates.ts',
  kysely: 'src/edge/store/sql/query.ts',
  jose: 'src/edge/jose.ts',
  'node-forge': 'src/edge/keys/pkcs12.ts',
  'openid-client': 'src/edge/login/openid.ts',
  pg: 'src/edge/store/sql/postgres.ts',
  pino: 'src/edge/log.ts',
  pkijs: 'src/sign/x509.ts',
  'prom-client': 'src/edge/metrics.ts',
  puppeteer: 'src/edge/browser/chromium.ts',
  'qrcode-generator': 'src/render/qr.ts',
  saxes: 'src/fhir/xml-scan.ts',
}

/** The pure layers have no effects; what only computes (digests, verification, packing) is allowed where it is named. */
const PURE = new Set<string>(['fhir', 'pdf', 'audit', 'access', ...STAGES])
const COMPUTES: Readonly<Record<string, RegExp>> = {
  'node:crypto': /^src\/(?:fhir\/digest|sign\/[a-z0-9/-]+)\.ts$/,
  'node:zlib': /^src\/pdf\/deflate\.ts$/,
}
const EFFECTS: readonly (readonly [RegExp, string])[] = [
  [/\bnew Date\(\s*\)|\bDate\.now\b|\bperformance\.now\b/, 'reads the clock'],
  [/\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/, 'makes random values'],
  [/\bprocess\./, 'reads the process'],
  [/\bfetch\(/, 'uses the network'],
  [/\bconsole\./, 'writes to the console'],
  [/\bsetTimeout\(|\bsetInterval\(/, 'starts a timer'],
]

function layerOf(path: string): string {
  return path.replace(/^src\//, '').split(/[/.]/)[0] ?? ''
}

function resolvePath(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1)
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function imports({ text }: SourceFile): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName)
}

/** Comments say what they like. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
}

/** Every break of the layers, one sentence each; none where the architecture holds. */
export function faults(files: readonly SourceFile[]): readonly string[] {
  return [
    ...files.flatMap(importFaults),
    ...files.flatMap(effectFaults),
    ...files.flatMap(formFaults),
    ...cycles(files),
  ]
}

function importFaults(file: SourceFile): readonly string[] {
  const layer = layerOf(file.path)
  return imports(file).flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const target = layerOf(resolvePath(file.path, specifier))
      if (target === layer || LAYERS[layer]?.includes(target) === true) return []
      return [`${file.path} imports ${specifier}: ${layer} may not import ${target}`]
    }
    if (specifier.startsWith('node:')) {
      const allowed = !PURE.has(layer) || COMPUTES[specifier]?.test(file.path) === true
      return allowed ? [] : [`${file.path} imports ${specifier}: ${layer} has no effects`]
    }
    const door = DOORS[packageOf(specifier)]
    // declarations have nothing at run time: they say what a door finds behind it
    if (door !== undefined && file.path.endsWith('.d.ts')) return []
    return door === file.path ? [] : [`${file.path} imports ${specifier}: its door is ${door ?? 'not in the table'}`]
  })
}

function effectFaults({ path, text }: SourceFile): readonly string[] {
  const code = codeOf(text)
  const faults = PURE.has(layerOf(path))
    ? EFFECTS.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${path} ${what}`)
    : []
  const readsEnvironment = /\bprocess\.env\b/.test(code) && path !== 'src/main.ts'
  return readsEnvironment ? [...faults, `${path} reads the environment, which only src/main.ts does`] : faults
}

function formFaults({ path, text }: SourceFile): readonly string[] {
  const lines = text.split('\n').length - 1
  return [
    ...(lines > 300 ? [`${path} has ${lines} lines, at most 300`] : []),
    ...(text.startsWith('/**') || text.startsWith('#!')
      ? []
      : [`${path} does not open with a sentence that says what it is`]),
    ...(/^export default|^export \* from/m.test(text) ? [`${path} has a default export or is a barrel`] : []),
    ...(/(?:^|\/)(?:utils?|helpers?|common|misc|service|manager|impl|index)\.ts$/.test(path)
      ? [`${path} has a name that says nothing`]
      : []),
  ]
}

/** Cycles among files, type-only imports included; each is named once, from its first file. */
function cycles(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      imports(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolvePath(file.path, specifier)),
    ]),
  )
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push(`a cycle of imports: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
      return
    }
    if (done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}
