import { Tooltip, UnstyledButton } from '@mantine/core';
import type { PageState, View } from '../state/pageState';
import type { Clock } from '../time/timestamp';
import classes from './Header.module.css';
import { Mark } from './Mark';
import { TenantField } from './TenantField';
import { ThemeToggle } from './ThemeToggle';
import { ViewLink } from './ViewLink';

interface Props {
  readonly page: PageState;
  readonly clock: Clock;
  readonly onClock: (clock: Clock) => void;
  readonly onTenant: (tenant: string) => void;
  readonly onView: (view: View) => void;
}

export function Header({ page, clock, onClock, onTenant, onView }: Props) {
  return (
    <header className={classes['header']}>
      <h1 className={classes['brand']}><Mark />Deucalion</h1>
      <nav className={classes['nav']} aria-label="Pages">
        <ViewLink page={page} view="query" text="Query" onView={onView} />
        <ViewLink page={page} view="cluster" text="Cluster" onView={onView} />
        <ViewLink page={page} view="status" text="Status" onView={onView} />
      </nav>
      <div className={classes['tools']}>
        <TenantField tenant={page.tenant} onTenant={onTenant} />
        <Tooltip label={clock === 'utc' ? 'Times are UTC; switch to local time' : 'Times are local; switch to UTC'}>
          <UnstyledButton className={classes['clock']} aria-label={`Clock: ${clock === 'utc' ? 'UTC' : 'Local'}`} data-testid="clock-toggle"
            onClick={() => onClock(clock === 'utc' ? 'local' : 'utc')}>
            {clock === 'utc' ? 'UTC' : 'Local'}
          </UnstyledButton>
        </Tooltip>
        <ThemeToggle />
      </div>
    </header>
  );
}
