/** What a client would rather have. @see https://hl7.org/fhir/R4/http.html#return */

/** The preferences that are heeded. */
export interface Preferences {
  /** What a write is answered with; absent where nothing is said. */
  readonly return?: 'minimal' | 'representation' | 'OperationOutcome'
  /** What is done with a search parameter that is not known: by default it is refused, as without it more would be found. */
  readonly handling: 'strict' | 'lenient'
}

/** The preferences of a header Prefer; what it does not say, or says otherwise, is as by default. */
export function preferences(header: string | undefined): Preferences {
  const given = new Set((header ?? '').split(/[,;]/).map((part) => part.replaceAll(/[\s"]/g, '').toLowerCase()))
  const wished = (['minimal', 'representation', 'OperationOutcome'] as const).find((each) =>
    given.has(`return=${each.toLowerCase()}`),
  )
  const handling = given.has('handling=lenient') ? 'lenient' : 'strict'
  return { handling, ...(wished !== undefined && { return: wished }) }
}
