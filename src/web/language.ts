/** The language that a reader chose for the pages, kept in a cookie. */

import { pageLanguage } from '../pages.ts'
import { withCookie } from './cookies.ts'
import { ownPath } from './own-path.ts'
import { HOME, seeOther, submission } from './page.ts'

const YEAR_SECONDS = 365 * 24 * 3600

export const languageRoute = submission({
  path: `${HOME}/language`,
  need: { isPublic: true },
  text: 'the page that was open, in the language chosen',
  answer: (call, form) => {
    const language = pageLanguage(form.value('language'), call.service.design)
    return seeOther(
      ownPath(form.value('back')),
      withCookie(['language', language], call, { maxAgeSeconds: YEAR_SECONDS }),
    )
  },
})
