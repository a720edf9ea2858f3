/** The door to pino: the log of the service, one JSON object per line on stderr. */

import { destination, pino, type Logger } from 'pino'

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** A log that tells what is at the level given or above; times are ISO 8601. */
export function openLog(level: LogLevel): Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  return pino(options, destination({ fd: 2, sync: true }))
}
