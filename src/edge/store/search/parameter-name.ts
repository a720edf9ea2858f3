/** The name of a search parameter as a client writes it. @see https://hl7.org/fhir/R4/search.html#modifiers */

export type ParameterName =
  /** `code:not` */
  | { readonly kind: 'plain'; readonly code: string; readonly modifier?: string }
  /** `subject:Patient.name`; the rest is a name again. */
  | { readonly kind: 'chain'; readonly code: string; readonly type?: string; readonly rest: string }
  /** `_has:Observation:patient:code`; the rest is a name again. */
  | { readonly kind: 'has'; readonly type: string; readonly code: string; readonly rest: string }

/** The parts of a name; undefined where it is none. */
export function parseName(name: string): ParameterName | undefined {
  if (name.startsWith('_has:')) {
    const [, type, code, rest] = /^_has:([A-Za-z]+):([A-Za-z0-9_-]+):(.+)$/s.exec(name) ?? []
    return type === undefined || code === undefined || rest === undefined
      ? undefined
      : { kind: 'has', type, code, rest }
  }
  const dot = name.indexOf('.')
  const head = dot < 0 ? name : name.slice(0, dot)
  const [code = '', modifier, another] = head.split(':')
  if (code === '' || modifier === '' || another !== undefined) return undefined
  if (dot < 0) return { kind: 'plain', code, ...(modifier !== undefined && { modifier }) }
  const rest = name.slice(dot + 1)
  return rest === '' ? undefined : { kind: 'chain', code, ...(modifier !== undefined && { type: modifier }), rest }
}
