/** One call of the HTTP API: envelope, errors and tenant header are handled here and nowhere else. */

/** The API lies beside the page, whatever prefix both are served under. */
export const apiBase = new URL('./api/v1', document.baseURI).href;

export const tenantHeader = 'X-Scope-OrgID';

export interface ApiAnswer<T> {
  readonly data: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export class ApiError extends Error {
  constructor(
    /** The server's errorType, or one of ours ("network", "http 502") where the answer was not the API's. */
    readonly type: string,
    message: string,
    readonly warnings: readonly string[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export interface CallOptions {
  readonly tenant: string;
  readonly signal?: AbortSignal;
  /** Sent as a form with POST, since expressions can outgrow a URL. */
  readonly form?: Readonly<Record<string, string>>;
}

export function tenantHeaders(tenant: string): Record<string, string> {
  return tenant === '' ? {} : { [tenantHeader]: tenant };
}

/** Throws ApiError, or lets an AbortError through when the signal fired. */
export async function callApi<T>(path: string, options: CallOptions): Promise<ApiAnswer<T>> {
  const init: RequestInit = { headers: tenantHeaders(options.tenant), signal: options.signal ?? null };
  if (options.form !== undefined) {
    init.method = 'POST';
    init.body = new URLSearchParams(options.form);
  }

  let response: Response;
  try {
    response = await fetch(`${apiBase}/${path}`, init);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new ApiError('network', `The server cannot be reached: ${error instanceof Error ? error.message : String(error)}`);
  }

  const text = await response.text();
  const envelope = parseEnvelope(text);
  if (envelope === null) {
    throw new ApiError(`http ${response.status}`, text.trim().slice(0, 500) || response.statusText || 'The answer is not JSON.');
  }
  if (envelope.status !== 'success') {
    throw new ApiError(envelope.errorType ?? `http ${response.status}`, envelope.error ?? 'The server gave no reason.', envelope.warnings ?? []);
  }
  return { data: envelope.data as T, warnings: envelope.warnings ?? [], infos: envelope.infos ?? [] };
}

function parseEnvelope(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'status' in value ? (value as Envelope) : null;
  } catch {
    return null;
  }
}
