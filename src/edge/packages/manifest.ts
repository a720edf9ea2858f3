/** The manifest of the FHIR packages that the build compiles: profiles/manifest.json. */

export interface Manifest {
  readonly packages: readonly ManifestRow[]
}

export interface ManifestRow {
  /** As it is installed below node_modules. */
  readonly name: string
  readonly version: string
  /** `4.0.1` */
  readonly fhirVersion: string
  /** Where everything of its FHIR version is compiled to, below build/. */
  readonly folder: string
}

/** Where a package is compiled to, below build/. */
export function compiledFolder({ name, version, folder }: ManifestRow): string {
  return `${folder}/packages/${name}-${version}`
}
