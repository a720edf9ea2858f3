/** Records whose values are made when they are first asked for. */

/** By each of the names what is made of it: once, with the first question for it. */
export function lazyRecord<T>(names: readonly string[], make: (name: string) => T): Readonly<Record<string, T>> {
  const record: Record<string, T> = {}
  for (const name of names) {
    const get = (): T => {
      const value = make(name)
      Object.defineProperty(record, name, { value, enumerable: true })
      return value
    }
    Object.defineProperty(record, name, { get, enumerable: true, configurable: true })
  }
  return record
}

/** All that the records have; of two values of one name the later record's. None is made before it is asked for. */
export function layered<T>(records: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> {
  const places = new Map(records.flatMap((record) => Object.keys(record).map((name) => [name, record] as const)))
  return lazyRecord([...places.keys()], (name) => places.get(name)?.[name] as T)
}
