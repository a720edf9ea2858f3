/** The process itself: its streams as outputs, and the signals that tell it to stop. */

import { refusal } from './files.ts'

/** A stream that is written to in order. */
export interface Output {
  readonly write: (data: Uint8Array | string) => Promise<void>
  readonly isTerminal: boolean
}

/** What the exit code of a command is where its surroundings fail it. */
const SURROUNDINGS = 3

/** A stream of the process; that nobody reads it any more ends the process without a word, what else fails with one. */
export function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    // said of the output alone: of the stream of messages nobody would read it
    if (stream !== process.stderr) process.stderr.write(`error: ${refusal('The output', error).issues[0].text}\n`)
    process.exit(SURROUNDINGS)
  })
  const write = (data: Uint8Array | string): Promise<void> =>
    new Promise((resolve) => {
      if (data.length === 0) resolve()
      else stream.write(data, () => resolve())
    })
  return { write, isTerminal: stream.isTTY }
}

/** On a terminal, back to the start of a line that is empty then. */
export const CLEAR_LINE = '\r\u001b[K'

/** The work of a stage, named on a terminal while it lasts: on a line that is cleared when it is over. */
export function shownOn({ write, isTerminal }: Output): <T>(stage: string, work: () => T) => T {
  return (stage, work) => {
    if (!isTerminal) return work()
    void write(`${CLEAR_LINE}${stage} …`)
    const clear = (): void => void write(CLEAR_LINE)
    const result = work()
    if (result instanceof Promise) result.then(clear, clear)
    else clear()
    return result
  }
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** What is done when the process is told to stop. */
export interface Stopping {
  /** Ends the process as a command does, with the exit code given. */
  readonly abandon: (exitCode: number) => void
}

/**
 * A promise of the first signal for whoever asks for it: from then on signals no longer end the process but keep the
 * promise, and only a second one ends it.
 */
export function listenToSignals({ abandon }: Stopping): () => Promise<void> {
  let onStop: (() => void) | undefined
  for (const [signal, exitCode] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (onStop === undefined) return abandon(exitCode)
      onStop()
      onStop = undefined
    })
  }
  return () => new Promise((resolve) => (onStop = resolve))
}
