#!/usr/bin/env node
/** The command `fhirdoc`: looks at the version of Node before anything that an old one could not read is loaded. */

import { existsSync } from 'fs'

const needed = [22, 18]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(`error: Node ${process.versions.node} is too old, expected ${needed.join('.')} or later\n`)
  process.exitCode = 3
} else {
  // the checkout has the sources, which Node reads as they are; the published package has the JavaScript made of them
  const sources = new URL('../src/main.ts', import.meta.url)
  const { main } = await import(existsSync(sources) ? sources.href : new URL('../dist/main.js', import.meta.url).href)
  await main()
}
