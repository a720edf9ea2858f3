/** Face 1: every row that the service answers. */

import { composeRoute } from './operations/compose.ts'
import { renderRoute } from './operations/rendering.ts'
import { octetsRoute, signRoute } from './operations/sign.ts'
import { systemRoutes } from './operations/system.ts'
import { validateRoute } from './operations/validate.ts'
import { verifyRoute } from './operations/verify.ts'
import type { Route } from './route.ts'

const operations: readonly Route[] = [composeRoute, validateRoute, signRoute, verifyRoute, renderRoute, octetsRoute]

export const ROUTES: readonly Route[] = [...operations, ...systemRoutes(operations)]
