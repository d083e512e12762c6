import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useSettings } from '../state/settings';
import { sampleAt, type AlignedSeries, type Column } from './alignSeries';
import { exposeGraph } from './exposed';
import classes from './Graph.module.css';
import type { GraphRequest } from './GraphResult';
import { seriesColor } from './palette';
import { plotOptions, type Pointed } from './plotOptions';
import { Tooltip } from './Tooltip';
import type { Hidden } from './visibility';

interface Props {
  readonly aligned: AlignedSeries;
  /** As drawn: stacked or not. */
  readonly columns: readonly Column[];
  readonly request: GraphRequest;
  readonly panelIndex: number;
  readonly stacked: boolean;
  readonly hidden: Hidden;
  /** Series that the legend points at. */
  readonly focused: number | null;
  readonly onZoom: (from: number, to: number) => void;
}

export function Plot({ aligned, columns, request, panelIndex, stacked, hidden, focused, onZoom }: Props) {
  const { clock } = useSettings();
  const scheme = useComputedColorScheme('light');
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const data = [aligned.times, ...columns] as uPlot.AlignedData;
    const width = element.clientWidth;
    const made = new uPlot(
      plotOptions({ columns, start: request.start, end: request.end, stacked, hidden, scheme, clock, width, onZoom, onPoint: setPointed }),
      data, element);
    plot.current = made;
    const withdraw = exposeGraph(panelIndex, {
      expr: request.expr, start: request.start, end: request.end, step: request.step, stacked,
      data: made.data, series: aligned.series.map(({ labels }, index) => ({ labels, visible: !hidden.has(index) })),
    });
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: made.height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      withdraw();
      plot.current = null;
      setPointed(null);
      made.destroy();
    };
  }, [aligned, columns, request, panelIndex, stacked, hidden, scheme, clock, onZoom]);

  useEffect(() => {
    plot.current?.setSeries(focused === null ? null : focused + 1, { focus: true });
  }, [focused]);

  const series = pointed === null ? undefined : aligned.series[pointed.series];
  const sample = pointed === null || series === undefined ? null : sampleAt(series.samples, aligned.times[pointed.row] ?? 0, request.step);
  return (
    <div ref={host} className={classes['host']}>
      {pointed !== null && series !== undefined && sample !== null && (
        <Tooltip pointed={pointed} labels={series.labels} sample={sample} color={seriesColor(pointed.series, scheme)} clock={clock} />
      )}
    </div>
  );
}
