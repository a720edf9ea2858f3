/** Arithmetic of measurements: medians, growth, tables. */

/** The middle one of the values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

/**
 * The exponent of growth: the slope of the line through the points on two logarithmic scales. 1 is linear, 2 is
 * quadratic.
 */
export function growth(points: readonly { readonly size: number; readonly ms: number }[]): number {
  const logs = points.map(({ size, ms }) => ({ x: Math.log(size), y: Math.log(ms) }))
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    logs.reduce((sum, point) => sum + of(point), 0) / logs.length
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)]
  const covariance = logs.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0)
  return covariance / logs.reduce((sum, point) => sum + (point.x - x) ** 2, 0)
}

/** The rows as a table with aligned columns, the first to the left. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(cell).join('  ')).join('\n')
}

/** Three figures, or as many as it takes: `0.42`, `4.2`, `42`, `4200`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value < 1 ? 2 : 3).replace(/\.0+$/, '')
}

/** Collects the garbage, so that what is measured next starts clean; needs `--expose-gc`. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined)
    throw new TypeError('The garbage collector is out of reach, expected node --expose-gc')
  globalThis.gc()
}
