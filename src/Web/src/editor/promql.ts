import type { Extension } from '@codemirror/state';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { apiBase, tenantHeaders } from '../api/client';

/** How far back completion looks for names and values, in milliseconds. */
const lookback = 12 * 3_600_000;

const extensions = new Map<string, Extension>();

/** Highlighting, completion and lint for one tenant. Panels share it, so that names are fetched once. */
export function promqlExtension(tenant: string): Extension {
  let extension = extensions.get(tenant);
  if (extension === undefined) {
    extension = new PromQLExtension()
      .setComplete({
        remote: { apiPrefix: apiBase, lookbackInterval: lookback, requestHeaders: new Headers(tenantHeaders(tenant)), cache: { maxAge: 60_000 } },
      })
      .asExtension();
    extensions.set(tenant, extension);
  }
  return extension;
}
