/** `fhirdoc restore`: a backup in a store that is empty. */

import { kindOf } from '../../edge/files.ts'
import { FhirError } from '../../fhir/error.ts'
import { misuse, Stop } from '../answer.ts'
import { command } from '../command.ts'
import { text } from '../../shape.ts'
import { common, option } from '../options.ts'
import { indexFor } from '../store.ts'

export const restoreCommand = command({
  name: 'restore',
  text: 'a backup into the store of FHIRDOC_STORE, which must be empty: everything, or nothing',
  operands: { label: '<file>', least: 1, most: 1 },
  options: {
    tombstones: option(
      text('file'),
      'a later backup: what was erased since the one that is restored stays erased; without it, that comes back',
    ),
    json: common.json,
  },
  later: [],
  run: async ({ operands: [path = ''], values: { tombstones } }, cli) => {
    if ((await kindOf(path)) !== 'file') throw misuse(`The file ${path} is not there, expected a backup`)
    if (tombstones !== undefined && (await kindOf(tombstones)) !== 'file')
      throw misuse(`The file ${tombstones} is not there, expected a later backup`)
    const { restore } = await import('../../edge/store/backup.ts')
    const index = await indexFor(cli)
    const versions = await restore({
      url: cli.settings.store,
      path,
      index,
      ...(tombstones !== undefined && { tombstones }),
    }).catch((error: unknown) => {
      // A file that is no backup is a fault of what was given; all else is one of the store.
      if (!(error instanceof FhirError) || error.issues[0].code === 'structure') throw error
      throw new Stop(3, error.issues, { cause: error })
    })
    return { exit: 0, issues: [], text: `${path}: ${versions} versions\n` }
  },
})
