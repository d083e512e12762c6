import { ActionIcon, Tooltip } from '@mantine/core';
import classes from './IconButton.module.css';
import { Icon, type IconName } from './Icon';

interface Props {
  readonly icon: IconName;
  /** Read aloud and shown on hover. */
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly size?: number;
  readonly testId?: string;
}

export function IconButton({ icon, label, onClick, disabled = false, size = 28, testId }: Props) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={size} aria-label={label} disabled={disabled} className={classes['button']}
        onClick={onClick} data-testid={testId}>
        <Icon name={icon} />
      </ActionIcon>
    </Tooltip>
  );
}
