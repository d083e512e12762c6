import type { Clock } from '../time/timestamp';

/** What the browser remembers between visits. Storage may be refused (private windows): then nothing is remembered. */

const tenantKey = 'deucalion-tenant';
const clockKey = 'deucalion-clock';

export function recallTenant(): string {
  return read(tenantKey);
}

export function rememberTenant(tenant: string): void {
  write(tenantKey, tenant);
}

export function recallClock(): Clock {
  return read(clockKey) === 'local' ? 'local' : 'utc';
}

export function rememberClock(clock: Clock): void {
  write(clockKey, clock);
}

function read(key: string): string {
  try {
    return window.localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function write(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // Refused: see above.
  }
}
