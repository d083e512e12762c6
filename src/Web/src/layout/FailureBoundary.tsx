import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import classes from './FailureBoundary.module.css';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly failure: Error | null;
}

/** What is left when a part of the page breaks or cannot be fetched any more, as after an upgrade of the server. */
export class FailureBoundary extends Component<Props, State> {
  override state: State = { failure: null };

  static getDerivedStateFromError(failure: Error): State {
    return { failure };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <div className={classes['failure']} role="alert" data-testid="page-failure">
        <p>The page cannot go on: <span className="mono">{failure.message}</span></p>
        <Button size="xs" onClick={() => window.location.reload()}>Reload</Button>
      </div>
    );
  }
}
