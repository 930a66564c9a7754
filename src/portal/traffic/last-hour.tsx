import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { Table } from '../parts/table.tsx';
import type { ChartLines } from './chart-lines.ts';
import { linesOf } from './chart-lines.ts';
import { formatRate } from './format-bytes.ts';
import type { ChartProperties } from './line-chart.tsx';
import { trafficQuery } from './traffic-query.ts';
import classes from './traffic.module.css';

/** Without the drawing there is still its table. */
const LineChart = lazy(async (): Promise<{ readonly default: ComponentType<ChartProperties> }> => {
  try {
    return { default: (await import('./line-chart.tsx')).LineChart };
  } catch {
    return { default: NoChart };
  }
});

/** LastHour is what passed in the last hour, of all or of one network: a chart, the value under the pointer or the last one, and all as a table. */
export function LastHour({ networkId }: { readonly networkId?: string }) {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(trafficQuery(networkId));
  const shown = useMemo(() => (data === undefined ? undefined : linesOf(data)), [data]);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const formatValue = useCallback((value: number) => formatRate(value, i18n.language), [i18n.language]);
  const formatTime = useCallback(
    (seconds: number) => new Date(seconds * 1_000).toLocaleTimeString(i18n.language, { hour: '2-digit', minute: '2-digit' }),
    [i18n.language],
  );
  if (shown === undefined || shown.lines.length === 0) return null;
  const { times, lines } = shown;
  const known = times.findLastIndex((_, index) => lines.some(({ values }) => (values[index] ?? null) !== null));
  const at = pointed ?? known;
  const valueAt = (values: readonly (number | null)[], index: number) => {
    const value = values[index] ?? null;
    return value === null ? '–' : formatValue(value);
  };
  const wordsAt = (index: number) => lines.map(({ key, values }) => `${t(`traffic.lines.${key}`)} ${valueAt(values, index)}`);
  return (
    <section className={classes.hour} aria-labelledby="last-hour">
      <div className={classes.head}>
        <Title order={2} id="last-hour">
          {t('traffic.title')}
        </Title>
        {known >= 0 && (
          <ul className={classes.legend}>
            {lines.map(({ key, variable, values }) => (
              <li key={key}>
                <i style={{ background: `var(${variable})` }} />
                {t(`traffic.lines.${key}`)} <b>{valueAt(values, at)}</b>
              </li>
            ))}
            <li>
              <time dateTime={new Date((times[at] ?? 0) * 1_000).toISOString()}>{formatTime(times[at] ?? 0)}</time>
            </li>
          </ul>
        )}
      </div>
      {known < 0 ? (
        <Text size="sm" c="dimmed">
          {t('traffic.none')}
        </Text>
      ) : (
        <>
          <Suspense fallback={<div className={classes.chart} />}>
            <LineChart
              label={t('traffic.label', { time: formatTime(times[known] ?? 0), values: wordsAt(known).join(', ') })}
              times={times}
              lines={lines}
              formatValue={formatValue}
              formatTime={formatTime}
              onPoint={setPointed}
            />
          </Suspense>
          <HourTable {...shown} formatTime={formatTime} valueAt={valueAt} />
        </>
      )}
    </section>
  );
}

type TableProperties = ChartLines & {
  readonly formatTime: (seconds: number) => string;
  readonly valueAt: (values: readonly (number | null)[], index: number) => string;
};

/** HourTable says what the chart draws, the newest minute first. */
function HourTable({ times, lines, formatTime, valueAt }: TableProperties) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={classes.table} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('traffic.asTable')}</summary>
      {isOpen && (
        <Table label={t('traffic.table')} columns={[t('traffic.minute'), ...lines.map(({ key }) => t(`traffic.lines.${key}`))]}>
          {times
            .map((time, index) => (
              <tr key={time}>
                <td>{formatTime(time)}</td>
                {lines.map(({ key, values }) => (
                  <td key={key}>{valueAt(values, index)}</td>
                ))}
              </tr>
            ))
            .toReversed()}
        </Table>
      )}
    </details>
  );
}

function NoChart() {
  const { t } = useTranslation();
  return (
    <Text size="sm" c="dimmed">
      {t('traffic.noChart')}
    </Text>
  );
}
