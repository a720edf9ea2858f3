#!/usr/bin/env node
/** The command `fhirdoc`: looks at the version of Node before anything that an old one could not read is loaded. */

import { spawn } from 'child_process'
import { existsSync } from 'fs'
import * as module from 'module'
import { fileURLToPath } from 'url'

const needed = [22, 18]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  // the checkout brings the Node that it is tested on
  const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
  if (existsSync(own)) runWith(own)
  else {
    process.stderr.write(`error: Node ${process.versions.node} is too old, expected ${needed.join('.')} or later\n`)
    process.exitCode = 3
  }
} else {
  rememberCompiled()
  // the checkout has the sources, which Node reads as they are; the published package has the JavaScript made of them
  const sources = new URL('../src/main.ts', import.meta.url)
  const { main } = await import(existsSync(sources) ? sources.href : new URL('../dist/main.js', import.meta.url).href)
  await main()
}

/** Takes what the build has compiled, and else keeps what Node compiles in the user's own cache: the next start takes half the time. */
function rememberCompiled() {
  const built = fileURLToPath(new URL('../node_modules/.cache/fhirdoc', import.meta.url))
  const { FAILED } = module.constants?.compileCacheStatus ?? {}
  if (existsSync(built) && module.enableCompileCache?.(built).status !== FAILED) return
  const home = process.env.XDG_CACHE_HOME || (process.env.HOME && `${process.env.HOME}/.cache`)
  if (home) module.enableCompileCache?.(`${home}/fhirdoc`)
}

/** The same command by another Node, which hears the signals that this one hears and decides how it ends. */
function runWith(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, 'SIGKILL')
  })
}
