import classes from './Notice.module.css';

interface Props {
  readonly tone: 'error' | 'warning' | 'info';
  readonly title: string;
  readonly texts: readonly string[];
  readonly testId: string;
}

/** A remark of the server, in its own words. */
export function Notice({ tone, title, texts, testId }: Props) {
  return (
    <div className={classes['notice']} data-tone={tone} role={tone === 'error' ? 'alert' : 'status'} data-testid={testId} data-title={title}>
      <strong>{title}</strong>
      {texts.map((text) => <div key={text} className={classes['text']}>{text}</div>)}
    </div>
  );
}
