/** The pages on which documents are written, attested, signed and put right. */

import type { Route } from '../../http/route.ts'
import { attestRoutes } from './attest.ts'
import { beginningRoutes } from './beginning.ts'
import { draftsRoutes } from './drafts.ts'
import { editorRoutes } from './editor.ts'
import { exampleRoutes } from './example.ts'
import { lastingRoutes } from './lasting.ts'
import { lifecycleRoutes } from './lifecycle.ts'
import { pdfSigningRoutes } from './pdf-signing.ts'
import { previewRoutes } from './preview.ts'
import { shapingRoutes } from './shaping.ts'
import { signingRoutes } from './signing.ts'

export const DRAFT_PAGES: readonly Route[] = [
  ...draftsRoutes,
  ...beginningRoutes,
  ...editorRoutes,
  ...shapingRoutes,
  ...previewRoutes,
  ...attestRoutes,
  ...signingRoutes,
  ...pdfSigningRoutes,
  ...lastingRoutes,
  ...lifecycleRoutes,
  ...exampleRoutes,
]
