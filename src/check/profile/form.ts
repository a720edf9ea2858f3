/** How the values of an element are named in JSON. */

/** A JSON name with the datatype of its values: `valueQuantity` with `Quantity`, `code` with `CodeableConcept`. */
export interface Form {
  readonly name: string
  /** The name beside it, of the ids and extensions of primitives. */
  readonly shadow: string
  /** The name in FHIRPath: `value`. */
  readonly step: string
  readonly type: string | undefined
  /** The place in the definitions where its own elements are: `Composition.section`, `CodeableConcept`. */
  readonly place: string
}

/** A form with the name beside it. */
export function formOf(form: Omit<Form, 'shadow'>): Form {
  return { ...form, shadow: `_${form.name}` }
}
