/** Media types with parameters, as targetFormat and sigFormat write them. @see https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1 */

export interface MediaType {
  /** Lower case: `application/fhir+json`. */
  readonly essence: string
  /** By name in lower case. */
  readonly parameters: Readonly<Record<string, string>>
}

/** The parts of a media type; undefined where the text is none, or names a parameter twice. */
export function mediaType(text: string): MediaType | undefined {
  const [essence = '', ...rest] = text.split(';').map((part) => part.trim())
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(essence)) return undefined
  const parameters: Record<string, string> = {}
  for (const part of rest) {
    const [, name, quoted, bare] = /^([\w-]+)=(?:"([^"]*)"|([^\s"]+))$/.exec(part) ?? []
    const key = name?.toLowerCase()
    if (key === undefined || Object.hasOwn(parameters, key)) return undefined
    parameters[key] = quoted ?? bare ?? ''
  }
  return { essence: essence.toLowerCase(), parameters }
}
