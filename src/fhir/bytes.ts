/** Resources as the bytes of their JSON; those of a Bundle are put together from the bytes of its resources. */

import { stringify } from './json.ts'
import { lastingMemo, remember, type Memo } from './memo.ts'
import { isObject, isResource, type Json, type JsonObject, type Resource } from './types.ts'

const memo = lastingMemo<Resource, Uint8Array>()

/**
 * The JSON of a resource in UTF-8, as `stringify` writes it. Of a resource that cannot change it is the very same array
 * each time: nobody writes into it.
 */
export function bytesOf(resource: Resource): Uint8Array {
  return remember(memo, resource, (one) => (Array.isArray(one['entry']) ? ofBundle(one) : Buffer.from(stringify(one))))
}

/** The text between resources and the bytes of these, one after another. */
type Piece = string | Uint8Array

function ofBundle(bundle: JsonObject): Uint8Array {
  const pieces: Piece[] = []
  object(bundle, pieces, (name, value) => {
    if (name !== 'entry' || !Array.isArray(value)) return false
    const entries = value as readonly Json[]
    if (Object.isFrozen(entries)) pieces.push(remember(lists, entries, (list) => joined(ofEntries(list))))
    else for (const piece of ofEntries(entries)) pieces.push(piece)
    return true
  })
  return joined(pieces)
}

const lists: Memo<readonly Json[], Uint8Array> = new WeakMap()

function ofEntries(entries: readonly Json[]): readonly Piece[] {
  const pieces: Piece[] = []
  for (const [index, entry] of entries.entries()) {
    pieces.push(index === 0 ? '[' : ',')
    if (isObject(entry)) object(entry, pieces, (member, held) => member === 'resource' && resource(held, pieces))
    else pieces.push(stringify(entry))
  }
  pieces.push(entries.length === 0 ? '[]' : ']')
  return pieces
}

function resource(value: Json, pieces: Piece[]): boolean {
  if (!isResource(value)) return false
  pieces.push(bytesOf(value))
  return true
}

/** The members of an object; `written` says of each whether it has written it. */
function object(value: JsonObject, pieces: Piece[], written: (name: string, value: Json) => boolean): void {
  let opening = '{'
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member === undefined) continue
    pieces.push(`${opening}${JSON.stringify(name)}:`)
    if (!written(name, member)) pieces.push(stringify(member))
    opening = ','
  }
  pieces.push(opening === '{' ? '{}' : '}')
}

/** Texts that follow each other are encoded together. */
function joined(pieces: readonly Piece[]): Uint8Array {
  const chunks: Uint8Array[] = []
  let text = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece
    else {
      chunks.push(Buffer.from(text), piece)
      text = ''
    }
  }
  return Buffer.concat([...chunks, Buffer.from(text)])
}
