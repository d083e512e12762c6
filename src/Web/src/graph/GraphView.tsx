import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import type { PanelState } from '../state/pageState';
import type { AlignedSeries } from './alignSeries';
import classes from './Graph.module.css';
import type { GraphRequest } from './GraphResult';
import { Legend } from './Legend';
import { stackColumns } from './stack';
import { clickSeries, nothingHidden } from './visibility';
import { zoomedRange } from './zoom';

// Fetched at once, while the first answer is still under way.
const code = import('./Plot');
const Plot = lazy(async () => ({ default: (await code).Plot }));

interface Props {
  readonly aligned: AlignedSeries;
  readonly request: GraphRequest;
  readonly panelIndex: number;
  readonly stacked: boolean;
  readonly onChange: (patch: Partial<PanelState>) => void;
}

/** Plot and legend, and what they share: which series are hidden and which one is pointed at. */
export function GraphView({ aligned, request, panelIndex, stacked, onChange }: Props) {
  const [hidden, setHidden] = useState(nothingHidden);
  const [focused, setFocused] = useState<number | null>(null);
  const count = aligned.series.length;

  const columns = useMemo(
    () => (stacked ? stackColumns(aligned.columns, (index) => !hidden.has(index)) : aligned.columns),
    [aligned, stacked, hidden],
  );
  const click = useCallback((index: number, additive: boolean) => setHidden((now) => clickSeries(now, index, count, additive)), [count]);
  const zoom = useCallback(
    (from: number, to: number) => onChange(zoomedRange(from, to)),
    [onChange],
  );

  return (
    <>
      <div className={classes['canvas']} role="figure" aria-label={`Graph of ${request.expr}: ${count} series`} data-testid="graph">
        <Suspense fallback={null}>
          <Plot aligned={aligned} columns={columns} request={request} panelIndex={panelIndex} stacked={stacked} hidden={hidden} focused={focused} onZoom={zoom} />
        </Suspense>
      </div>
      <Legend series={aligned.series} hidden={hidden} onClick={click} onFocus={setFocused} />
    </>
  );
}
