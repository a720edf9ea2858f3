/** What was taken out of a narrative, by name and each once. */

export interface Removals {
  /** What a reader of the attested narrative would have had: elements with their effect, images, links, hiding styles. */
  readonly content: Set<string>
  /** Looks and markup that carry no meaning. */
  readonly presentation: Set<string>
}

export function newRemovals(): Removals {
  return { content: new Set(), presentation: new Set() }
}

/** A name fit for a message: short, and without characters that nobody sees. */
export function nameIn(text: string): string {
  const seen = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return seen.length > 60 ? `${seen.slice(0, 60)}…` : seen
}
