import { Alert } from '@mantine/core';

interface Props {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** Remarks that came with an answer: warnings first, then infos. */
export function Notices({ warnings, infos }: Props) {
  return (
    <>
      {warnings.length > 0 && <Notice color="yellow" title={warnings.length === 1 ? 'Warning' : 'Warnings'} texts={warnings} testId="warnings" />}
      {infos.length > 0 && <Notice color="blue" title="Info" texts={infos} testId="infos" />}
    </>
  );
}

function Notice({ color, title, texts, testId }: { readonly color: string; readonly title: string; readonly texts: readonly string[]; readonly testId: string }) {
  return (
    <Alert color={color} variant="light" mt="xs" p="xs" title={title} role="status" data-testid={testId}>
      {texts.map((text) => <div key={text} className="mono" style={{ overflowWrap: 'anywhere' }}>{text}</div>)}
    </Alert>
  );
}
