/**
 * Published invariants that say other than what was meant: each row has the sentence that was meant, and applies only
 * while the published text is exactly the one it corrects.
 */

export interface Erratum {
  /** The key; of a text that many keys share, the last part of them. */
  readonly id: string
  readonly published: string
  readonly corrected: string
  /** Why the published text cannot stand. */
  readonly reason: string
  /** Where the correction is published, or what it rests on. */
  readonly source: string
}

export const errata: readonly Erratum[] = [
  {
    id: 'bdl-8',
    published: "fullUrl.contains('/_history/').not()",
    corrected: "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
    reason: 'Nothing is true of a fullUrl that is absent',
    source: 'https://hl7.org/fhir/R4B/bundle.html',
  },
  {
    id: 'ref-1',
    published:
      "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
    corrected:
      "reference.hasValue() implies (reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id) or (reference = '#' and %rootResource != %resource))",
    reason:
      'Nothing is true of a reference that is absent or told as absent, and a contained resource may refer to its container by #',
    source: 'https://hl7.org/fhir/R5/references.html',
  },
  {
    id: 'dom-3',
    published:
      "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
    corrected:
      "contained.where(((id.exists() and ('#'+id in (%resource.descendants().reference | %resource.descendants().ofType(canonical) | %resource.descendants().ofType(uri) | %resource.descendants().ofType(url)))) or descendants().where(reference = '#').exists() or descendants().where(ofType(canonical) = '#').exists() or descendants().where(ofType(uri) = '#').exists()).not()).empty()",
    reason: 'as() is for one item, and descendants() gives many',
    source: 'https://hl7.org/fhir/R4B/domainresource.html',
  },
  {
    id: 'dom-6',
    published: 'text.`div`.exists()',
    corrected: '%resource != %rootResource or text.`div`.exists()',
    reason: 'The narrative of a resource speaks for those that it contains',
    source: 'https://hl7.org/fhir/R4/references.html#contained',
  },
  {
    id: 'con-3',
    published:
      "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or category.select($this='problem-list-item').empty()",
    corrected:
      "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or category.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-category' and code='problem-list-item').empty()",
    reason: 'A category is compared with a text that it never equals, and a comparison is never empty',
    source: 'https://hl7.org/fhir/R5/condition.html',
  },
  {
    id: 'tim-9',
    published: "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))",
    corrected: "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())",
    reason: 'in is for one item, and when repeats',
    source: 'https://hl7.org/fhir/R5/datatypes.html#Timing',
  },
  {
    id: 'rng-2',
    published: 'low.empty() or high.empty() or (low <= high)',
    corrected:
      "low.value.empty() or high.value.empty() or (low.unit & '|' & low.system & '|' & low.code) != (high.unit & '|' & high.system & '|' & high.code) or (low.value <= high.value)",
    reason: 'Quantities in different units, or without a value, cannot always be compared',
    source: 'https://hl7.org/fhir/R5/datatypes.html#Range',
  },
  {
    id: 'mdd-1',
    published: 'whenHandedOver.empty() or whenPrepared.empty() or whenHandedOver >= whenPrepared',
    corrected:
      'whenHandedOver.empty() or whenPrepared.empty() or whenHandedOver.highBoundary() >= whenPrepared.lowBoundary()',
    reason: 'Dates of different precision cannot always be compared',
    source: 'https://hl7.org/fhir/R5/datatypes.html#Period',
  },
  {
    id: 'inv-1',
    published: 'lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn',
    corrected:
      'lastModified.exists().not() or authoredOn.exists().not() or lastModified.highBoundary() >= authoredOn.lowBoundary()',
    reason: 'Dates of different precision cannot always be compared',
    source: 'https://hl7.org/fhir/R5/datatypes.html#Period',
  },
  {
    id: 'ras-1',
    published:
      "(low.empty() or ((low.code = '%') and (low.system = %ucum))) and (high.empty() or ((high.code = '%') and (high.system = %ucum)))",
    corrected:
      "($this is Range).not() or ((low.empty() or ((low.code = '%') and (low.system = %ucum))) and (high.empty() or ((high.code = '%') and (high.system = %ucum))))",
    reason: 'A probability that is a decimal has no bounds',
    source: 'https://hl7.org/fhir/R4/riskassessment.html',
  },
  {
    id: 'ras-2',
    published: 'probability is decimal implies (probability as decimal) <= 100',
    corrected: 'probability.empty() or ((probability is decimal) implies ((probability as decimal) <= 100))',
    reason: 'Nothing is true of a probability that is absent',
    source: 'https://hl7.org/fhir/R5/riskassessment.html',
  },
  {
    id: 'que-7',
    published: "operator = 'exists' implies (answer is Boolean)",
    corrected: "operator = 'exists' implies (answer is boolean)",
    reason: 'The datatype is written boolean',
    source: 'https://hl7.org/fhir/R5/questionnaire.html',
  },
  {
    id: '-0',
    published: "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
    corrected: "name.exists() implies name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
    reason: 'Nothing is true of a name that is absent',
    source: 'https://hl7.org/fhir/R5/canonicalresource.html',
  },
  {
    id: 'eld-16',
    published: "sliceName.empty() or sliceName.matches('^[a-zA-Z0-9\\\\/\\\\-_\\\\[\\\\]\\\\@]+$')",
    corrected: "sliceName.empty() or sliceName.matches('^[a-zA-Z0-9/_\\\\[\\\\]@-]+$')",
    reason: 'The escapes are not those of a Unicode regular expression',
    source: 'https://hl7.org/fhir/R5/elementdefinition.html',
  },
  {
    id: 'eld-19',
    published:
      "path.matches('[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(\\\\:[^\\\\s\\\\.]+)?)*')",
    corrected:
      "path.matches('^[^\\\\s.,:;\\'\"/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s.,:;\\'\"/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(:[^\\\\s.]+)?)*$')",
    reason: 'The escapes are not those of a Unicode regular expression',
    source: 'https://hl7.org/fhir/R5/elementdefinition.html',
  },
  {
    id: 'eld-20',
    published: "path.matches('[A-Za-z][A-Za-z0-9]*(\\\\.[a-z][A-Za-z0-9]*(\\\\[x])?)*')",
    corrected: "path.matches('^[A-Za-z][A-Za-z0-9]{0,63}(\\\\.[a-z][A-Za-z0-9]{0,63}(\\\\[x\\\\])?)*$')",
    reason: 'The escapes are not those of a Unicode regular expression',
    source: 'https://hl7.org/fhir/R5/elementdefinition.html',
  },
  {
    id: 'dom-3',
    published:
      "contained.where(((id.exists() and ('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url)))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(uri) = '#').exists()).not()).trace('unmatched', id).empty()",
    corrected:
      "contained.where(((id.exists() and ('#'+id in (%resource.descendants().reference | %resource.descendants().ofType(canonical) | %resource.descendants().ofType(uri) | %resource.descendants().ofType(url)))) or descendants().where(reference = '#').exists() or descendants().where(ofType(canonical) = '#').exists() or descendants().where(ofType(uri) = '#').exists()).not()).empty()",
    reason: 'as() is for one item, and descendants() gives many',
    source: 'https://hl7.org/fhir/R5/domainresource.html',
  },
  {
    id: 'dom-3',
    published:
      "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().ofType(canonical) | %resource.descendants().ofType(uri) | %resource.descendants().ofType(url))) or descendants().where(reference = '#').exists() or descendants().where(ofType(canonical) = '#').exists() or descendants().where(ofType(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
    corrected:
      "contained.where(((id.exists() and ('#'+id in (%resource.descendants().reference | %resource.descendants().ofType(canonical) | %resource.descendants().ofType(uri) | %resource.descendants().ofType(url)))) or descendants().where(reference = '#').exists() or descendants().where(ofType(canonical) = '#').exists() or descendants().where(ofType(uri) = '#').exists()).not()).empty()",
    reason: 'A contained resource may refer to its container by a uri as well as by a canonical',
    source: 'https://hl7.org/fhir/R4B/domainresource.html',
  },
  {
    id: 'ref-1',
    published:
      "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids')) or (reference='#' and %rootResource!=%resource)",
    corrected:
      "reference.hasValue() implies (reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id) or (reference = '#' and %rootResource != %resource))",
    reason: 'Nothing is true of a reference that is absent or told as absent',
    source: 'https://hl7.org/fhir/R5/references.html',
  },
  {
    id: 'ref-1',
    published:
      "reference.exists()  implies (reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids')) or (reference='#' and %rootResource!=%resource))",
    corrected:
      "reference.hasValue() implies (reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id) or (reference = '#' and %rootResource != %resource))",
    reason: 'The same without traces and with single spaces, for which there is code',
    source: 'https://hl7.org/fhir/R5/references.html',
  },
  {
    id: 'bdl-7',
    published:
      "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&iif(resource.meta.versionId.exists(), resource.meta.versionId, '')).isDistinct()",
    corrected:
      "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()",
    reason: 'The operator & takes what is absent for an empty text',
    source: 'https://hl7.org/fhirpath/N1/#string-concatenation',
  },
  {
    id: 'ele-1',
    published: 'hasValue() or (children().count() > id.count())',
    corrected: 'hasValue() or children().exists()',
    reason: 'An id is an element that every type defines, and so content',
    source: 'https://hl7.org/fhir/R4/element.html',
  },
  {
    id: 'eld-19',
    published:
      "path.matches('^[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(\\\\:[^\\\\s\\\\.]+)?)*$')",
    corrected:
      "path.matches('^[^\\\\s.,:;\\'\"/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s.,:;\\'\"/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(:[^\\\\s.]+)?)*$')",
    reason: 'The escapes are not those of a Unicode regular expression',
    source: 'https://hl7.org/fhir/R5/elementdefinition.html',
  },
  {
    id: 'eld-20',
    published: "path.matches('^[A-Za-z][A-Za-z0-9]*(\\\\.[a-z][A-Za-z0-9]*(\\\\[x])?)*$')",
    corrected: "path.matches('^[A-Za-z][A-Za-z0-9]{0,63}(\\\\.[a-z][A-Za-z0-9]{0,63}(\\\\[x\\\\])?)*$')",
    reason: 'The escapes are not those of a Unicode regular expression',
    source: 'https://hl7.org/fhir/R5/elementdefinition.html',
  },
  {
    id: 'eld-20',
    published: "path.matches('^[A-Za-z][A-Za-z0-9]{0,63}(\\\\.[a-z][A-Za-z0-9]{0,63}(\\\\[x])?)*$')",
    corrected: "path.matches('^[A-Za-z][A-Za-z0-9]{0,63}(\\\\.[a-z][A-Za-z0-9]{0,63}(\\\\[x\\\\])?)*$')",
    reason: 'The escapes are not those of a Unicode regular expression',
    source: 'https://hl7.org/fhir/R5/elementdefinition.html',
  },
  {
    id: 'ele-1',
    published: 'hasValue() or (children().count() > id.count()) or $this is Parameters',
    corrected: 'hasValue() or children().exists()',
    reason: 'An id is an element that every type defines, and so content',
    source: 'https://hl7.org/fhir/R4B/element.html',
  },
  {
    id: 'sdf-24',
    published:
      "element.where(type.code='Reference' and id.endsWith('.reference') and type.targetProfile.exists() and id.substring(0,$this.length()-10) in %context.element.where(type.code='CodeableReference').id).exists().not()",
    corrected:
      "element.where(type.where(code='Reference').exists() and path.endsWith('.reference') and type.targetProfile.exists() and (path.substring(0,$this.path.length()-10) in %context.element.where(type.where(code='CodeableReference').exists()).path)).exists().not()",
    reason: 'The length is that of the path, not of the element',
    source: 'https://hl7.org/fhir/R5/structuredefinition.html',
  },
  {
    id: 'sdf-25',
    published:
      "element.where(type.code='CodeableConcept' and id.endsWith('.concept') and binding.exists() and id.substring(0,$this.length()-8) in %context.element.where(type.code='CodeableReference').id).exists().not()",
    corrected:
      "element.where(type.where(code='CodeableConcept').exists() and path.endsWith('.concept') and binding.exists() and (path.substring(0,$this.path.length()-8) in %context.element.where(type.where(code='CodeableReference').exists()).path)).exists().not()",
    reason: 'The length is that of the path, not of the element',
    source: 'https://hl7.org/fhir/R5/structuredefinition.html',
  },
  {
    id: 'rng-2',
    published:
      'low.value.empty() or high.value.empty() or low.lowBoundary().comparable(high.highBoundary()).not() or (low.lowBoundary() <= high.highBoundary())',
    corrected:
      "low.value.empty() or high.value.empty() or (low.unit & '|' & low.system & '|' & low.code) != (high.unit & '|' & high.system & '|' & high.code) or (low.value <= high.value)",
    reason: 'Quantities in different units, or without a value, cannot always be compared',
    source: 'https://hl7.org/fhir/R5/datatypes.html#Range',
  },
  {
    id: 'eld-11',
    published:
      "binding.empty() or type.code.empty() or type.code.contains(\":\") or type.select((code = 'code') or (code = 'Coding') or (code='CodeableConcept') or (code = 'Quantity') or (code = 'string') or (code = 'uri') or (code = 'Duration')).exists()",
    corrected:
      "binding.empty() or type.code.empty() or type.code.where($this.contains(':')).exists() or type.where(code in ('code' | 'Coding' | 'CodeableConcept' | 'CodeableReference' | 'Quantity' | 'string' | 'uri' | 'Duration')).exists()",
    reason: 'A text of FHIRPath stands in single quotes, and contains() is for one item',
    source: 'https://hl7.org/fhirpath/N1/#string',
  },
  {
    id: 'opd-3',
    published:
      "targetProfile.exists() implies (type = 'Reference' or type = 'canonical' or type.memberOf('http://hl7.org/fhir/ValueSet/resource-types'))",
    corrected: "targetProfile.exists() implies (type = 'Reference' or type = 'canonical' or type.matches('^[A-Z]'))",
    reason: 'Membership in a value set is no matter of FHIRPath alone',
    source: 'https://hl7.org/fhir/R5/operationdefinition.html',
  },
]
