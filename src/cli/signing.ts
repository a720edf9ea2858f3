/** The options of a signature as the pipeline wants them: the key opened, the tables read. */

import { kindOf } from '../edge/files.ts'
import { openKey } from '../edge/keys/open.ts'
import { readSigners } from '../edge/signers.ts'
import type { Signing } from '../pipeline.ts'
import type { Alg } from '../ports.ts'
import { Stop, surroundings } from './answer.ts'
import type { Cli } from './command.ts'

/** The options of {@link signing} in the table of options. */
export interface SigningValues {
  readonly key: string | undefined
  readonly cert: string | undefined
  readonly passwordFile: string | undefined
  readonly alg: Alg | undefined
  readonly type: string | undefined
  readonly who: string | undefined
  readonly seal: true | undefined
  readonly signers: string | undefined
}

/** How a document is to be signed. @throws Stop 3 where the key, its password or a table cannot be had */
export async function openSigning(values: SigningValues, { settings }: Pick<Cli, 'settings'>): Promise<Signing> {
  const { key = '', cert, passwordFile, alg, type, who, seal, signers = settings.signers } = values
  await mustBeThere('key', key)
  await mustBeThere('certificate', cert)
  await mustBeThere('password', passwordFile)
  const files = {
    key,
    ...(cert !== undefined && { certificates: cert }),
    ...(passwordFile !== undefined && { password: passwordFile }),
  }
  const { signingPassword: password, signingTime: time } = settings
  const opened = await surroundings(
    openKey(files, { ...(password !== undefined && { password }), ...(alg !== undefined && { alg }) }),
  )
  const table = signers === undefined ? undefined : await surroundings(readSigners(signers))
  return {
    key: opened,
    time,
    ...(type !== undefined && { type }),
    ...(who !== undefined && { who: { reference: who } }),
    ...(seal !== undefined && { seal }),
    ...(table !== undefined && { signers: table }),
  }
}

async function mustBeThere(what: string, path: string | undefined): Promise<void> {
  if (path === undefined || (await kindOf(path)) !== 'nothing') return
  throw new Stop(3, [{ severity: 'error', code: 'not-found', text: `The ${what} file ${path} is not there` }])
}
