/** What of a store somebody may find, as types only. */

/** What of a store may be found by somebody: one of the grants must hold of a resource, and nothing that bars it. */
export interface Access {
  readonly grants: readonly Grant[]
  /** Labels, as `labelsOf` names them, of which none may stand on a resource. */
  readonly labels: readonly string[]
  /** The patients whose data is barred: those that are named, or all but those. */
  readonly barred: {
    readonly patients: readonly string[]
    readonly isAllOthers: boolean
    /** Types of which nothing is barred so. */
    readonly except?: readonly string[]
  }
  /** Single resources that are barred: `Observation/1`. */
  readonly names: readonly string[]
}

/** Resources that may be found. */
export interface Grant {
  /** All types where it is absent. */
  readonly types?: readonly string[]
  /** Types that it is not over, where it is over all. */
  readonly except?: readonly string[]
  /** Only what is in the record of this patient, or in nobody's: every name of the one patient. */
  readonly patient?: readonly string[]
  /** Search parameters that a resource must fit, all of them; what is not known fits nothing. */
  readonly criteria: readonly (readonly [name: string, value: string])[]
}
