/** Design and Edge as main builds them, for suites that run the whole pipeline; clock and ids stand still. */

import { compileChecks } from '../src/check/check.ts'
import { defaultLimits } from '../src/collect/collect.ts'
import { loadDefinitions } from '../src/edge/packages.ts'
import { builtTemplates } from '../src/main/built-templates.ts'
import type { Design, Edge } from '../src/pipeline.ts'
import type { Printer } from '../src/ports.ts'
import { openTemplates } from '../src/render/templates.ts'

/** The Design of a service without settings. */
export async function openDesign(): Promise<Design> {
  const [definitions, built] = await Promise.all([loadDefinitions(), builtTemplates()])
  const { model, compartment } = definitions
  return {
    checks: compileChecks(definitions),
    render: { templates: openTemplates(built), model, compartment },
    policy: {},
    block: 'document',
    collect: { model, compartment, limits: defaultLimits },
  }
}

/** An Edge that prints with the printer given, else not at all. */
export function stillEdge(printer: Printer = noPrinter): Edge {
  return {
    now: () => '2026-03-10T08:00:00Z',
    uuid: () => '00000000-0000-4000-8000-000000000000',
    printer,
    observe: (_, work) => work(),
  }
}

const noPrinter: Printer = {
  print: () => Promise.reject(new TypeError('This suite prints nothing')),
  close: () => Promise.resolve(),
}
