/** Face 3: the pages for clinicians, as rows. */

import { FORMATS } from '../http/negotiation.ts'
import type { Route } from '../http/route.ts'
import { DRAFT_PAGES } from './draft/routes.ts'
import { documentsRoutes } from './documents.ts'
import { accessesRoutes } from './accesses.ts'
import { languageRoute } from './language.ts'
import { assetRoute, HOME, seeOther } from './page.ts'
import { patientRoutes } from './patient.ts'
import { errorPage } from './problem.ts'
import { sessionRoutes } from './session.ts'
import { startRoutes } from './start.ts'
import { droppedRoutes } from './viewer/dropped.ts'
import { storedRoutes } from './viewer/stored.ts'

/** The bare address of the service leads to the pages. */
const rootRoute: Route = {
  method: 'GET',
  need: { isPublic: true },
  path: '/',
  text: 'the way to the pages',
  formats: [FORMATS.html, FORMATS.data],
  parameters: {},
  later: [],
  isUngated: true,
  answer: () => seeOther(HOME),
}

export const WEB_ROUTES: readonly Route[] = [
  rootRoute,
  assetRoute,
  languageRoute,
  ...sessionRoutes,
  ...startRoutes,
  ...patientRoutes,
  ...documentsRoutes,
  ...storedRoutes,
  ...accessesRoutes,
  ...droppedRoutes,
  ...DRAFT_PAGES,
]

/** The face as the service takes it: its rows, and how it tells what went wrong. */
export const PAGES = { routes: WEB_ROUTES, errorPage } as const
