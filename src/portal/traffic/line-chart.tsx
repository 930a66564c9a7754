import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartLine } from './chart-lines.ts';
import classes from './traffic.module.css';

export type ChartProperties = {
  /** What it shows, in one sentence: the drawing itself says nothing to who cannot see it. */
  readonly label: string;
  /** Seconds since 1970, one for each value. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly formatValue: (value: number) => string;
  readonly formatTime: (seconds: number) => string;
  /** Which values the pointer is on; undefined when it leaves. The same function each time. */
  readonly onPoint: (index: number | undefined) => void;
};

/** In pixels: room for "999.9 MB/s" and for a line of times. */
const axis = { width: 80, height: 32 } as const;
const lineWidth = 1.5;
const pointSize = 5;
/** Below it the axis would show the noise of keepalives as mountains. */
const leastTop = 1_000;

/** LineChart draws lines over time. It takes its width and height from where it is, and its colours from the theme. */
export function LineChart({ label, times, lines, formatValue, formatTime, onPoint }: ChartProperties) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const style = getComputedStyle(element);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axes = {
      stroke: colour('--mantine-color-dimmed'),
      font: `${style.fontSize} ${style.fontFamily}`,
      grid: { stroke: colour('--cw-border'), width: 1 },
      ticks: { show: false },
    };
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const chart = new UPlot(
      {
        ...size(),
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(leastTop, most) * 1.05] } },
        axes: [
          { ...axes, size: axis.height, values: (_, at) => at.map(formatTime) },
          { ...axes, size: axis.width, values: (_, at) => at.map(formatValue) },
        ],
        series: [
          {},
          ...lines.map(({ variable, values }) => ({
            stroke: colour(variable),
            width: lineWidth,
            points: { show: false, size: pointSize, fill: colour(variable), filter: () => alone(values) },
          })),
        ],
        hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
      },
      [[...times], ...lines.map(({ values }) => [...values])],
      element,
    );
    const observer = new ResizeObserver(() => chart.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [times, lines, formatValue, formatTime, onPoint, scheme]);
  return <div ref={place} className={classes.chart} role="img" aria-label={label} />;
}

/** A value between two that are not known has no line to be seen by. */
function alone(values: readonly (number | null)[]): number[] {
  const isKnown = (index: number): boolean => (values[index] ?? null) !== null;
  return values.flatMap((_, index) => (isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1) ? [index] : []));
}
