/** What is ended after the tests of a file, wherever in it it was begun: a hook that is registered within a hook is never run. */

import { afterAll } from 'vitest'

const ends: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Nothing; it is done once the tests of the file are. */
export function atEnd(end: () => Promise<unknown>): void {
  ends.push(end)
}
