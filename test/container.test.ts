/** The image and its composition name only what there is, open nothing to others, and hold no secrets. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ROUTES } from '../src/http/routes.ts'
import { isLoopback, mustBeSafe, PREFIX, readSettings, SECRETS } from '../src/settings.ts'
import { parseYaml, type Yaml } from './yaml.ts'

const root = new URL('../', import.meta.url)
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const isThere = (path: string): boolean => existsSync(new URL(path, root))
const { scripts, devDependencies } = JSON.parse(text('package.json')) as Record<
  'scripts' | 'devDependencies',
  Record<string, string>
>

/** Made in the first stage, so not in the repository. */
const MADE = ['build', 'dist', 'node_modules']

describe('Dockerfile', () => {
  const instructions = text('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      return name === '' ? [] : [{ name, rest }]
    })
  const all = (name: string): readonly string[] =>
    instructions.filter((one) => one.name === name).map(({ rest }) => rest)

  it('is of the Node that the project is tested on', () => {
    const [, major = ''] = /(\d+)/.exec(devDependencies['node'] ?? '') ?? []
    expect(all('FROM')).toEqual([`node:${major}-bookworm-slim AS build`, `node:${major}-bookworm-slim`])
  })

  it('copies what there is', () => {
    const ignored = text('.dockerignore').split('\n')
    const paths = all('COPY').flatMap((rest) => {
      const [, stage, names = ''] = /^(--from=build )?(.*) \S+$/.exec(rest) ?? []
      return names.split(' ').map((name) => ({ path: stage === undefined ? name : name.replace('/build/', ''), stage }))
    })
    expect(paths.length).toBeGreaterThan(8)
    for (const { path, stage } of paths) {
      expect([path, isThere(path) || MADE.includes(path)]).toEqual([path, true])
      if (stage === undefined) expect(ignored).not.toContain(path)
    }
  })

  it('runs scripts that there are', () => {
    const run = [
      ...all('RUN')
        .join(' ')
        .matchAll(/npm run ([\w:]+)/g),
    ].map(([, name = '']) => name)
    expect(run).toEqual(['build', 'prepack'])
    for (const name of run) expect(scripts).toHaveProperty(name)
    expect(isThere('src/edge/browser/install.ts')).toBe(true)
    expect(text('src/edge/browser/install.ts')).toContain('export async function installChromium(')
  })

  it('runs as somebody who is not root, from the command of the package', () => {
    expect(instructions.findLast(({ name }) => name === 'USER')?.rest).toBe('fhirdoc')
    const [entry = '', command = ''] = [...all('ENTRYPOINT'), ...all('CMD')]
    expect(isThere((JSON.parse(entry) as string[]).at(-1)?.replace('/app/', '') ?? 'nothing')).toBe(true)
    expect(JSON.parse(command)).toEqual(['serve'])
    expect(text('Dockerfile')).not.toContain('no-sandbox')
  })

  it('has settings that are known, and does not open the service', () => {
    const pairs = all('ENV').flatMap((rest) => rest.split(/\s+/)).map((pair) => pair.split('=')) // prettier-ignore
    const settings = readSettings(
      Object.fromEntries(pairs.filter(([name = '']) => name.startsWith(PREFIX))) as Record<string, string>,
    )
    expect(() => mustBeSafe(settings)).not.toThrow()
    expect(settings.store).toBe('sqlite:/data/fhirdoc.db')
    expect(all('VOLUME')).toEqual(['/data'])
    expect(all('EXPOSE')).toEqual([String(settings.port)])
  })

  it('asks for its health at a route that there is', () => {
    const [, path = ''] = /8080}(\/\w+)`/.exec(all('HEALTHCHECK').join('')) ?? []
    expect(ROUTES.map((route) => route.path)).toContain(path)
  })

  it('leaves out secrets, data and what is made', () => {
    const ignored = text('.dockerignore').split('\n')
    for (const name of ['.git', 'data', 'secrets', '*.pem', '*.p12', ...MADE]) expect(ignored).toContain(name)
  })
})

type Members = { readonly [name: string]: Yaml }
interface Service {
  readonly image?: string
  readonly ports?: readonly string[]
  readonly network_mode?: string
  readonly networks?: readonly string[]
  readonly volumes?: readonly string[]
  readonly secrets?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly depends_on?: Members
  readonly environment?: Readonly<Record<string, string>>
  readonly cap_drop?: readonly string[]
  readonly read_only?: string
  readonly stop_grace_period?: string
}

describe('compose.yaml', () => {
  const file = parseYaml(text('compose.yaml')) as unknown as {
    readonly services: Readonly<Record<string, Service>>
    readonly networks: Members
    readonly volumes: Members
    readonly secrets: Readonly<Record<string, { readonly file: string }>>
  }
  const services = Object.entries(file.services)
  const { fhirdoc = {}, gateway = {}, database = {} } = file.services

  it('names services, networks, volumes, secrets and files that there are', () => {
    for (const [, { depends_on = {}, networks = [], volumes = [], secrets = [], network_mode }] of services) {
      for (const name of Object.keys(depends_on)) expect(file.services).toHaveProperty(name)
      for (const name of networks) expect(file.networks).toHaveProperty(name)
      for (const name of secrets) expect(file.secrets).toHaveProperty(name)
      for (const [from = ''] of volumes.map((volume) => volume.split(':')))
        expect(from.startsWith('.') ? isThere(from) : from in file.volumes).toBe(true)
      if (network_mode !== undefined) expect(file.services).toHaveProperty(network_mode.replace('service:', ''))
    }
  })

  it('opens nothing beyond this machine, and the service not beyond its own loopback', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(isLoopback(port.split(':')[0] ?? '')).toBe(true)
    const { environment = {} } = fhirdoc
    const settings = readSettings(
      Object.fromEntries(Object.entries(environment).filter(([name]) => !name.endsWith('_FILE'))),
    )
    expect(() => mustBeSafe(settings)).not.toThrow()
    expect(fhirdoc.network_mode).toBe('service:gateway')
    expect(fhirdoc.ports).toBeUndefined()
    const [, host = '', port] = /reverse_proxy ([\d.]+):(\d+)/.exec(text('docker/Caddyfile')) ?? []
    expect([isLoopback(host), port]).toEqual([true, String(settings.port)])
    expect(gateway.ports?.[0]?.split(':').at(-1)).toBe(/^:(\d+) \{/m.exec(text('docker/Caddyfile'))?.[1])
  })

  it('takes secrets from files that are in no repository', () => {
    expect(text('.gitignore').split('\n')).toContain('secrets/')
    for (const { file: path } of Object.values(file.secrets)) expect(path).toMatch(/^\.\/secrets\//)
    for (const [name, value] of Object.entries(fhirdoc.environment ?? {})) {
      if (!name.endsWith('_FILE')) continue
      expect(SECRETS).toContain(name.replace(/_FILE$/, ''))
      expect(fhirdoc.secrets).toContain(value.replace('/run/secrets/', ''))
    }
    expect(database.environment).not.toHaveProperty('POSTGRES_PASSWORD')
    expect(text('compose.yaml')).not.toMatch(/password: |postgres:\/\/fhirdoc:[^%]/)
  })

  it('gives no rights that are not needed, and lets requests finish', () => {
    expect(fhirdoc).toMatchObject({ read_only: 'true', cap_drop: ['ALL'] })
    const profile = fhirdoc.security_opt?.find((option) => option.startsWith('seccomp:'))?.replace('seccomp:', '') ?? ''
    const { syscalls } = JSON.parse(text(profile)) as { syscalls: readonly { names: readonly string[] }[] }
    const refused = syscalls.flatMap(({ names }) => names)
    for (const needed of ['clone', 'clone3', 'unshare', 'setns', 'chroot']) expect(refused).not.toContain(needed)
    for (const dangerous of ['mount', 'ptrace', 'bpf', 'kexec_load']) expect(refused).toContain(dangerous)
    const grace = Number.parseInt(fhirdoc.stop_grace_period ?? '0', 10)
    expect(grace).toBeGreaterThan(readSettings({}).limitSeconds)
  })
})

const hasDocker = spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0

it.skipIf(!hasDocker || process.env['CONTAINER'] === undefined)(
  'the image is built, and says its version',
  () => {
    const build = spawnSync('docker', ['build', '--tag', 'fhirdoc-test', '.'], { cwd: root, encoding: 'utf8' })
    expect([build.status, build.stderr]).toEqual([0, expect.any(String)])
    const run = spawnSync('docker', ['run', '--rm', 'fhirdoc-test', '--version'], { encoding: 'utf8' })
    expect(run.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  },
  1_200_000,
)
