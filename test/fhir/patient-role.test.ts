/** Whom a resource is about is told apart from who takes part in it. */

import { expect, it } from 'vitest'
import { isOwner, isShared, takesPart } from '../../src/fhir/patient-role.ts'

it('subject and patient are owners, performers take part', () => {
  expect([isOwner('Observation', 'subject'), isOwner('Observation', 'performer')]).toEqual([true, false])
  expect([takesPart('performer'), takesPart('subject')]).toEqual([true, false])
})

it('an appointment is about all who take part, a related person about nobody’s health', () => {
  expect([isShared('Appointment'), isOwner('Appointment', 'participant.actor')]).toEqual([true, true])
  expect([isShared('Observation'), isOwner('RelatedPerson', 'patient')]).toEqual([false, false])
})
