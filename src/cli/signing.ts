/** The options of a signature as the pipeline wants them: the key opened, the tables read. */

import { kindOf } from '../edge/files.ts'
import { openKey } from '../edge/keys/open.ts'
import { isPkcs11 } from '../edge/keys/pkcs11.ts'
import { openRemote, type RemoteSigner } from '../edge/keys/remote.ts'
import { readSigners } from '../edge/signers.ts'
import type { Signing } from '../pipeline.ts'
import type { Alg } from '../ports.ts'
import type { Settings } from '../settings.ts'
import { Stop, surroundings } from './answer.ts'
import type { Cli } from './command.ts'

/** The options of {@link signing} in the table of options. */
export interface SigningValues {
  readonly key: string | undefined
  readonly cert: string | undefined
  readonly passwordFile: string | undefined
  readonly alg: Alg | undefined
  readonly format: 'jose' | 'xml' | undefined
  readonly type: string | undefined
  readonly who: string | undefined
  readonly seal: true | undefined
  readonly signers: string | undefined
  readonly as?: Signing['as'] | undefined
  readonly counter?: readonly string[] | undefined
}

/** How a document is to be signed. @throws Stop 3 where the key, its password or a table cannot be had */
export async function openSigning(values: SigningValues, cli: Pick<Cli, 'settings' | 'start'>): Promise<Signing> {
  const { settings } = cli
  const { key = '', cert, passwordFile, alg } = values
  if (values.key !== undefined && !isPkcs11(key)) await mustBeThere('key', key)
  await mustBeThere('certificate', cert)
  await mustBeThere('password', passwordFile)
  const files = {
    key,
    ...(cert !== undefined && { certificates: cert }),
    ...(passwordFile !== undefined && { password: passwordFile }),
  }
  const { signingPassword: password } = settings
  const remote = values.key === undefined ? remoteOf(settings) : undefined
  const opened =
    remote === undefined
      ? openKey(files, { ...(password !== undefined && { password }), ...(alg !== undefined && { alg }) })
      : openRemote(remote, { alg })
  return { key: await surroundings(opened), ...(await openRequest(values, cli)) }
}

/** The remote signing service that the settings name; undefined where they name none. */
export function remoteOf(settings: Settings): RemoteSigner | undefined {
  const { remoteSigner: url, remoteSignerCredential: credential, remoteSignerToken: token } = settings
  return url === undefined ? undefined : { url, credential, token }
}

/** Whether there is a key to sign with: one that is named, or the remote one. */
export function hasKey({ key }: Pick<SigningValues, 'key'>, { settings }: Pick<Cli, 'settings'>): boolean {
  return key !== undefined || settings.remoteSigner !== undefined
}

/** What a signature is to say, whoever makes it. @throws Stop 3 where the table of signers cannot be read */
export async function openRequest(
  { format, type, who, seal, as, counter, signers }: SigningValues,
  { settings, start }: Pick<Cli, 'settings' | 'start'>,
): Promise<Omit<Signing, 'key'>> {
  const table = signers ?? settings.signers
  return {
    time: settings.signingTime,
    ...(settings.signingPolicy !== undefined && { policy: settings.signingPolicy }),
    ...(format === 'xml' && { xml: (await start()).design.collect.model }),
    ...(type !== undefined && { type }),
    ...(who !== undefined && { who: { reference: who } }),
    ...(seal !== undefined && { seal }),
    ...(as !== undefined && { as }),
    ...(counter !== undefined && { counter }),
    ...(table !== undefined && { signers: await surroundings(readSigners(table)) }),
  }
}

/** @throws Stop 3 */
export async function mustBeThere(what: string, path: string | undefined): Promise<void> {
  if (path === undefined || (await kindOf(path)) !== 'nothing') return
  throw new Stop(3, [{ severity: 'error', code: 'not-found', text: `The ${what} file ${path} is not there` }])
}
