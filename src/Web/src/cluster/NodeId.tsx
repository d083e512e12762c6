import { Tooltip, UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { copyText } from '../layout/copyText';
import { Icon } from '../layout/Icon';
import classes from './ClusterPage.module.css';

interface Props {
  readonly id: string;
  readonly short: string;
}

/** The first digits of a node's id; a click copies all of it. */
export function NodeId({ id, short }: Props) {
  const [outcome, setOutcome] = useState<string | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => setOutcome(null), 1_500);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async (): Promise<void> => setOutcome((await copyText(id)) ? 'Copied' : 'The browser does not allow it');
  return (
    <Tooltip label={outcome ?? `${id}: click to copy`} {...(outcome === null ? {} : { opened: true })}>
      <UnstyledButton className={classes['id']} aria-label={`Copy node id ${id}`} data-node={id} onClick={() => void copy()}>
        {short}<Icon name="copy" size={12} />
      </UnstyledButton>
    </Tooltip>
  );
}
