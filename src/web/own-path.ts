/** Paths that the pages lead back to: their own alone. */

import { HOME } from './page.ts'

const ORIGIN = 'http://own.invalid'

/** The path with its query where it is one of our pages; else the first page. No text leads anywhere else. */
export function ownPath(text: string): string {
  if (!/^\/app(?=[/?]|$)[^\\\s]*$/.test(text) || !URL.canParse(text, ORIGIN)) return HOME
  const { origin, pathname, search } = new URL(text, ORIGIN)
  const isOwn = origin === ORIGIN && (pathname === HOME || pathname.startsWith(`${HOME}/`))
  return isOwn ? pathname + search : HOME
}
