/** FHIRPath over FHIR data: the only door to fhirpath. @see https://hl7.org/fhirpath/N1/ */

import r4 from 'fhirpath/fhir-context/r4'
// the entry for `import` has copies of all that it depends on, UCUM with its tables among them
import { compile, type Model, type OptionVariants } from 'fhirpath/src/fhirpath.mjs'

/** What the engine knows of the types of a FHIR version; R4 and R4B have one. */
export interface PathContext {
  readonly model: Model
}

const R4: PathContext = { model: r4 }

/** The context of a FHIR version; that of R5 is read with the first question for it. */
export async function loadPathContext(fhirVersion: string): Promise<PathContext> {
  if (!fhirVersion.startsWith('5.')) return R4
  const { default: r5 } = await import('fhirpath/fhir-context/r5')
  return { model: r5 }
}

/** What `%resource`, `%rootResource` and `resolve()` mean; inside a Bundle the first two are the entry's, never the Bundle. */
export interface PathVariables {
  readonly resource?: unknown
  readonly rootResource?: unknown
  /** The resource that a literal reference names. */
  readonly resolve?: (reference: string) => unknown
}

/**
 * The values of an expression. The focus must be a plain mutable copy (`plain`): the engine hangs hidden members on what
 * it returns and knows no raw numbers.
 */
export type Path = (focus: unknown, variables?: PathVariables) => readonly unknown[]

/**
 * An expression, parsed once. `base` is the type or element that the focus is one of (`Patient.contact`), where it is no
 * resource.
 * @throws TypeError where the text is no FHIRPath
 */
export function compilePath(expression: string, base?: string, context: PathContext = R4): Path {
  const evaluate = parsed(expression, base, context)
  return (focus, { resource, rootResource, resolve } = {}) => {
    const variables = {
      ...(resource !== undefined && { resource }),
      ...(rootResource !== undefined && { rootResource }),
    }
    const own = resolve === undefined ? undefined : { userInvocationTable: resolving(resolve) }
    return evaluate(focus, variables, own) as readonly unknown[]
  }
}

// Without a trace function the engine writes what trace() is given to the console.
const options = { async: false, traceFn: () => undefined } as const satisfies OptionVariants

function parsed(
  expression: string,
  base: string | undefined,
  { model }: PathContext,
): ReturnType<typeof compile<typeof options>> {
  try {
    return compile(base === undefined ? expression : { base, expression }, model, options)
  } catch (cause) {
    throw new TypeError(`No FHIRPath: ${expression}`, { cause })
  }
}

/** A value as the engine holds it; its class, which the package does not export, makes more of them. */
interface EngineNode {
  readonly data: unknown
  readonly ctx: unknown
  readonly constructor: { readonly makeResNode: (ctx: unknown, data: unknown, ...rest: readonly null[]) => unknown }
}

/** `resolve()` within what the caller knows; the engine's own would fetch. */
function resolving(resolve: (reference: string) => unknown): Record<string, UserInvocation> {
  const fn = (nodes: readonly EngineNode[]): readonly unknown[] =>
    nodes.flatMap(({ data, ctx, constructor }) => {
      const target = resolve(literal(data))
      return target === undefined ? [] : [constructor.makeResNode(ctx, target, null, null, null, null)]
    })
  return { resolve: { fn, arity: { 0: [] }, internalStructures: true } }
}

interface UserInvocation {
  readonly fn: (...inputs: readonly never[]) => unknown
  readonly arity: Record<number, never[]>
  readonly internalStructures: true
}

function literal(data: unknown): string {
  if (typeof data === 'string') return data
  const reference = typeof data === 'object' && data !== null && 'reference' in data ? data.reference : undefined
  return typeof reference === 'string' ? reference : ''
}
