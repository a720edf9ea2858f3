/** What prints, and what makes prints fit for an archive, as the settings have it: started when it is first needed. */

import { CLEAR_LINE, type Output } from './edge/process.ts'
import { threads } from './edge/threads.ts'
import type { Edge } from './pipeline.ts'
import type { Extracted, Printer } from './ports.ts'
import type { archived } from './render/pdf/archive.ts'
import type { Settings } from './settings.ts'

export interface Archiving {
  readonly archive: NonNullable<Edge['archive']>
  readonly extract: NonNullable<Edge['extract']>
  readonly warm: () => void
  readonly close: () => Promise<void>
}

const MAX_ARCHIVE_MEGABYTES = 2_048

/** Threads in which PDFs are made fit for an archive, and read; the modules have the ending that this one has. */
export function archiveThreads({ limitSeconds }: Settings): Archiving {
  const module = (name: string): string => import.meta.url.replace(/printing(\.[jt]s)$/, `${name}$1`)
  const limits = { timeoutMs: limitSeconds * 1000, maxMegabytes: MAX_ARCHIVE_MEGABYTES }
  const making = threads<Parameters<typeof archived>, Uint8Array>({
    module: module('render/pdf/archive'),
    name: 'archived',
    work: 'made',
    ...limits,
  })
  const reading = threads<[Uint8Array], Extracted>({
    module: module('pdf/embedded'),
    name: 'embeddedDocument',
    work: 'read',
    ...limits,
  })
  return {
    archive: (printed, request, signal) => making.run([printed, request], signal),
    extract: (pdf, signal) => reading.run([pdf], signal),
    warm: () => making.warm(),
    close: async () => void (await Promise.all([making.close(), reading.close()])),
  }
}

export interface Watching {
  /** Called with the first print. */
  readonly onOpen?: () => void
  /** Called with each start of a browser. */
  readonly onStart?: () => void
}

/** A printer whose browser, and the library for it, are loaded with the first print. */
export function lazyPrinter(settings: Settings, stderr: Output, { onOpen, onStart }: Watching = {}): Printer {
  const { chromium, limitPages, limitSeconds } = settings
  let printer: Promise<Printer> | undefined
  const open = async (): Promise<Printer> => {
    onOpen?.()
    const { chromiumPrinter } = await import('./edge/browser/chromium.ts')
    return chromiumPrinter({
      ...(chromium !== undefined && { executable: chromium }),
      ...(onStart !== undefined && { onStart }),
      maxPages: limitPages,
      timeoutMs: limitSeconds * 1000,
      onWarning: (text) => void stderr.write(`${stderr.isTerminal ? CLEAR_LINE : ''}warning: ${text}\n`),
    })
  }
  return {
    legibility: async () => (await import('./edge/browser/fonts.ts')).isLegible,
    print: async (xhtml, options) => (await (printer ??= open())).print(xhtml, options),
    close: async () => (await printer)?.close(),
  }
}
