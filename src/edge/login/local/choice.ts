/** The page on which somebody says who they are to the local provider: it asks for no password. */

import type { Person } from './people.ts'

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color:#1c2733}
h1{font-size:1.5rem}p.note{border-inline-start:5px solid #b97509;background:#fcf1da;padding:.75rem 1rem}
button{display:block;width:100%;text-align:start;margin:.5rem 0;padding:.7rem 1rem;font:inherit;border:1px solid #76828f;border-radius:5px;background:#fff}
input{font:inherit;padding:.4rem .6rem;width:100%}`

/** The page, which leads on with the same query and what was chosen. */
export function choicePage(query: URLSearchParams, people: readonly Person[]): string {
  const hidden = [...query].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  const choices = people.map(
    ({ id, name }) => `<button type="submit" name="person" value="${escaped(id)}">${escaped(name)}</button>`,
  )
  const patient = (query.get('scope') ?? '').split(' ').includes('launch/patient')
    ? '<p><label for="patient">Patient id</label><input id="patient" name="patient"></p>'
    : ''
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Local login, for tests and demonstration</title><style>${STYLE}</style></head><body><main>
<h1>Who are you?</h1><p class="note">This login is for tests and demonstration on this machine only: it asks nobody for a password.</p>
<form action="/choose">${hidden.join('')}${patient}${choices.join('')}</form></main></body></html>`
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
