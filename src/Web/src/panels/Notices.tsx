import { Notice } from './Notice';

interface Props {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** Remarks that came with an answer: warnings first, then infos. */
export function Notices({ warnings, infos }: Props) {
  return (
    <>
      {warnings.length > 0 && <Notice tone="warning" title={warnings.length === 1 ? 'Warning' : 'Warnings'} texts={warnings} testId="warnings" />}
      {infos.length > 0 && <Notice tone="info" title="Info" texts={infos} testId="infos" />}
    </>
  );
}
