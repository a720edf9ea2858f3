/** The version of FHIR that a request speaks, by the MIME parameter `fhirVersion`. @see https://hl7.org/fhir/R4/versioning.html#mt-version */

import type { Route, Service } from './route.ts'

/** The versions beside the service's own. */
const PARAMETER = /;\s*fhirversion\s*=\s*"?(4\.3|5\.0)(?:\.0)?"?\s*(?=[;,]|$)/i

export type OtherVersion = '4.3.0' | '5.0.0'

export interface Spoken {
  /** Absent for the service's own version. */
  readonly fhirVersion?: OtherVersion
  /** A header of the request, without the version that is answered for. */
  readonly header: (name: string) => string | undefined
}

/** What a request speaks; on routes that know one version only, its headers stay as they are. */
export function spoken(header: Spoken['header'], { isOfAnyVersion }: Pick<Route, 'isOfAnyVersion'>): Spoken {
  if (isOfAnyVersion !== true) return { header }
  const named = [header('Content-Type'), header('Accept')].map((text = '') => PARAMETER.exec(text)?.[1])
  const version = named.find((one) => one !== undefined)
  if (version === undefined) return { header }
  return { fhirVersion: `${version}.0` as OtherVersion, header: (name) => header(name)?.replace(PARAMETER, '') }
}

/** The service with the definitions of a version. */
export async function speaking(service: Service, fhirVersion: OtherVersion | undefined): Promise<Service> {
  if (fhirVersion === undefined || service.designOf === undefined) return service
  return { ...service, design: await service.designOf(fhirVersion) }
}
