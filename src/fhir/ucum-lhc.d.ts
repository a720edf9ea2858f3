/** What is used of ucum-lhc, which publishes no types. */

declare module '@lhncbc/ucum-lhc' {
  interface Utilities {
    validateUnitString(code: string): { readonly status: string; readonly ucumCode: string | null }
  }
  const ucum: { readonly UcumLhcUtils: { getInstance(): Utilities } }
  export = ucum
}
