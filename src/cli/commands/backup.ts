/** `fhirdoc backup`: all that the store holds at one moment, in a file. */

import { surroundings } from '../answer.ts'
import { command } from '../command.ts'
import { common } from '../options.ts'
import { indexFor } from '../store.ts'

export const backupCommand = command({
  name: 'backup',
  text: 'the store of FHIRDOC_STORE into a file, while the service may go on',
  operands: { label: '<file>', least: 1, most: 1 },
  options: { json: common.json },
  later: [],
  run: async ({ operands: [path = ''] }, cli) => {
    const { backup } = await import('../../edge/store/backup.ts')
    const index = await indexFor(cli)
    const versions = await surroundings(backup({ url: cli.settings.store, path, index }))
    return { exit: 0, issues: [], text: `${path}: ${versions} versions\n` }
  },
})
