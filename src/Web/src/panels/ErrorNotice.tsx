import { Alert } from '@mantine/core';
import type { ApiError } from '../api/client';

export function ErrorNotice({ error }: { readonly error: ApiError }) {
  return (
    <Alert color="red" variant="light" mt="xs" p="xs" title={error.type} role="alert" data-testid="error" data-error-type={error.type}>
      <span className="mono" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{error.message}</span>
    </Alert>
  );
}
