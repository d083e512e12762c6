import type { ApiError } from '../api/client';
import { Notice } from './Notice';
import { Notices } from './Notices';

export function ErrorNotice({ error }: { readonly error: ApiError }) {
  return (
    <>
      <Notice tone="error" title={error.type} texts={[error.message]} testId="error" />
      <Notices warnings={error.warnings} infos={[]} />
    </>
  );
}
