/** The upstream of the settings as a source: for the service, and for a command that names it. */

import { openSource, type OpenOptions } from '../edge/store/open.ts'
import { upstreamSource, type UpstreamAuth, type UpstreamOptions } from '../edge/store/upstream.ts'
import type { Source } from '../ports.ts'
import type { Settings } from '../settings.ts'

/** The upstream, where the settings name one. @throws FhirError `value` where they do not fit together */
export async function upstreamOf(
  settings: Settings,
  options: Pick<UpstreamOptions, 'onAnswer' | 'totalMs'> = {},
): Promise<Source | undefined> {
  const { upstream: url, upstreamHosts: hosts } = settings
  if (url === undefined) return undefined
  return upstreamSource({ ...options, url, auth: authOf(settings), ...(hosts !== undefined && { hosts }) })
}

function authOf(settings: Settings): UpstreamAuth {
  const { upstreamToken, upstreamClientId, upstreamKey, upstreamTokenUrl, upstreamScope } = settings
  return {
    scope: upstreamScope,
    ...(upstreamToken !== undefined && { token: upstreamToken }),
    ...(upstreamClientId !== undefined && { clientId: upstreamClientId }),
    ...(upstreamKey !== undefined && { key: upstreamKey }),
    ...(upstreamTokenUrl !== undefined && { tokenUrl: upstreamTokenUrl }),
  }
}

/** The source that a text names; the credentials of the settings go to the upstream of the settings alone. */
export async function sourceNamed(text: string, settings: Settings, options: OpenOptions): Promise<Source> {
  const isUpstream = settings.upstream !== undefined && text.replace(/\/+$/, '') === settings.upstream
  return (isUpstream ? await upstreamOf(settings) : undefined) ?? openSource(text, options)
}
