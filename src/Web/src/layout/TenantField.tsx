import { TextInput, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

interface Props {
  readonly tenant: string;
  readonly onTenant: (tenant: string) => void;
}

/** Whose metrics are asked for: sent as X-Scope-OrgID. Taken over on Enter and on leaving the field. */
export function TenantField({ tenant, onTenant }: Props) {
  const [draft, setDraft] = useState(tenant);
  useEffect(() => setDraft(tenant), [tenant]);

  const commit = (): void => {
    const next = draft.trim();
    setDraft(next);
    if (next !== tenant) onTenant(next);
  };

  return (
    <Tooltip label="Tenant (X-Scope-OrgID); empty is the default one">
      <TextInput size="xs" w={150} value={draft} placeholder="default tenant" aria-label="Tenant" data-testid="tenant" spellCheck={false} autoComplete="off"
        onChange={(event) => setDraft(event.currentTarget.value)} onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setDraft(tenant);
        }} />
    </Tooltip>
  );
}
