/** Face 1: every row that the service answers. */

import { composeRoute } from './operations/compose.ts'
import { convertRoute } from './operations/convert.ts'
import { docrefRoutes } from './operations/docref.ts'
import { dischargeRoutes } from './operations/discharge.ts'
import { documentRoutes } from './operations/document.ts'
import { everythingRoutes } from './operations/everything.ts'
import { keepingRoutes } from './operations/erase.ts'
import { extractRoute } from './operations/extract.ts'
import { originalRoutes } from './operations/original.ts'
import { receiptRoutes } from './operations/receipt.ts'
import { renderRoute, renderStoredRoutes } from './operations/rendering.ts'
import { octetsRoute, signRoute, signStoredRoutes } from './operations/sign.ts'
import { summaryRoutes } from './operations/summary.ts'
import { smartRoutes } from './operations/smart.ts'
import { systemRoutes } from './operations/system.ts'
import { validateRoutes } from './operations/validate.ts'
import { verifyRoute, verifyStoredRoutes } from './operations/verify.ts'
import { restRoutes } from './rest/routes.ts'
import type { Route } from './route.ts'

const operations: readonly Route[] = [
  composeRoute,
  convertRoute,
  ...documentRoutes,
  ...validateRoutes,
  signRoute,
  ...signStoredRoutes,
  verifyRoute,
  ...verifyStoredRoutes,
  renderRoute,
  ...renderStoredRoutes,
  extractRoute,
  octetsRoute,
  ...receiptRoutes,
  ...originalRoutes,
  ...everythingRoutes,
  ...keepingRoutes,
  ...summaryRoutes,
  ...dischargeRoutes,
  ...docrefRoutes,
]

const fhir: readonly Route[] = [...operations, ...restRoutes]

export const ROUTES: readonly Route[] = [...fhir, ...smartRoutes, ...systemRoutes(fhir)]
