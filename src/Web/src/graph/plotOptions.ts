import uPlot from 'uplot';
import { formatTick } from '../format/values';
import type { Clock } from '../time/timestamp';
import type { Column } from './alignSeries';
import { nearestPoint } from './nearest';
import { seriesColor } from './palette';
import { timeTicks } from './timeTicks';
import type { Hidden } from './visibility';

/** What the pointer is nearest to, with its place in the plot's element in pixels. */
export interface Pointed {
  readonly series: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlotInput {
  readonly columns: readonly Column[];
  readonly start: number;
  readonly end: number;
  readonly stacked: boolean;
  readonly hidden: Hidden;
  readonly scheme: 'light' | 'dark';
  readonly clock: Clock;
  readonly width: number;
  readonly onZoom: (from: number, to: number) => void;
  readonly onPoint: (pointed: Pointed | null) => void;
}

const height = 320;
/** Fading all other lines redraws them; above this it is felt. */
const focusLimit = 300;
const axisFont = '11px system-ui, sans-serif';

export function plotOptions(input: PlotInput): uPlot.Options {
  const { columns, stacked, hidden, scheme, clock } = input;
  const ink = scheme === 'dark' ? '#919daa' : '#5b6873';
  const grid = { stroke: scheme === 'dark' ? '#242c34' : '#e9edf0', width: 1 };
  const visible = columns.map((_, index) => index).filter((index) => !hidden.has(index));

  return {
    width: input.width,
    height,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    focus: { alpha: columns.length <= focusLimit ? 0.3 : 1 },
    cursor: {
      y: false,
      points: { show: false },
      focus: { prox: -1 },
      drag: { x: true, y: false, setScale: false, dist: 5 },
      bind: { dblclick: () => null },
    },
    tzDate: (seconds) => (clock === 'utc' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000)),
    scales: {
      x: { time: true, range: [input.start, input.end] },
      y: { range: (_, min, max) => (stacked ? uPlot.rangeNum(Math.min(0, min), max, 0.05, true) : uPlot.rangeNum(min, max, 0.1, true)) },
    },
    axes: [
      {
        stroke: ink, font: axisFont, grid, ticks: { ...grid, size: 5 }, space: 80, size: 38, gap: 4,
        values: (_, splits, __, ___, increment) => timeTicks(splits, increment, clock),
      },
      {
        stroke: ink, font: axisFont, grid, ticks: { show: false }, gap: 8,
        values: (_, splits, __, ___, increment) => splits.map((value) => formatTick(value, increment)),
        size: (_, values) => Math.max(44, Math.max(0, ...(values ?? []).map((text) => text.length)) * 6.5 + 16),
      },
    ],
    series: [{}, ...columns.map((column, index) => lineSeries(column, index, input))],
    bands: stacked ? stackBands(visible) : [],
    hooks: {
      setCursor: [(plot) => input.onPoint(pointAt(plot, input))],
      setSelect: [(plot) => {
        const { left, width } = plot.select;
        if (width === 0) return;
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        input.onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
      }],
    },
  };
}

function lineSeries(column: Column, index: number, { stacked, hidden, scheme }: PlotInput): uPlot.Series {
  const color = seriesColor(index, scheme);
  const series: uPlot.Series = {
    show: !hidden.has(index),
    stroke: color,
    width: 1.4,
    // Between two gaps there is no line: such samples would vanish without a dot.
    points: { show: true, size: 4, fill: color, width: 0, filter: () => lonePoints(column) },
  };
  if (stacked) series.fill = `${color}40`;
  return series;
}

function lonePoints(column: Column): number[] {
  const found: number[] = [];
  column.forEach((value, row) => {
    if (value !== null && (column[row - 1] ?? null) === null && (column[row + 1] ?? null) === null) found.push(row);
  });
  return found;
}

/** Each visible series is filled down to the one below it. */
function stackBands(visible: readonly number[]): uPlot.Band[] {
  return visible.slice(1).map((upper, position) => ({ series: [upper + 1, (visible[position] ?? 0) + 1] }));
}

function pointAt(plot: uPlot, { columns, hidden }: PlotInput): Pointed | null {
  const { left = -1, top = -1, idx } = plot.cursor;
  if (left < 0 || top < 0 || idx === null || idx === undefined) return null;
  const toX = (row: number): number => plot.valToPos(plot.data[0][row] ?? 0, 'x');
  const toY = (value: number): number => plot.valToPos(value, 'y');

  const nearest = nearestPoint(columns, (index) => !hidden.has(index), idx, 2, left, top, toX, toY);
  if (nearest === null) return null;
  return {
    ...nearest,
    x: plot.over.offsetLeft + toX(nearest.row),
    y: plot.over.offsetTop + toY(columns[nearest.series]?.[nearest.row] ?? 0),
    width: plot.width,
    height: plot.height,
  };
}
