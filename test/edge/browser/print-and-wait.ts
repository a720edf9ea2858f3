/** A process with a browser: prints one page, says so, and ends when it is told to. */

import { chromiumPrinter } from '../../../src/edge/browser/chromium.ts'

const printer = chromiumPrinter()
await printer.print('<html xmlns="http://www.w3.org/1999/xhtml"><head><title>a</title></head><body/></html>')
process.stdout.write('printed\n')
process.stdin.on('data', () => process.exit(7))
