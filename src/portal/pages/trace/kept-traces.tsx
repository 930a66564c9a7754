import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { traceRoutes } from '../../../contract/api/trace.ts';
import { asking } from '../../api/ask.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { shownVerdict } from './shown-verdict.ts';
import classes from './trace.module.css';

/** KeptTraces are the last ones, as they were answered then. */
export function KeptTraces() {
  const { t } = useTranslation();
  const { data } = useQuery(asking(traceRoutes.list, { query: { size: 20 } }));
  if (data === undefined) return null;
  if (data.content.length === 0) return <EmptyState title={t('trace.none')}>{t('trace.noneText')}</EmptyState>;
  return (
    <section aria-labelledby="kept" className={classes.kept}>
      <Title order={2} id="kept">
        {t('trace.kept')}
      </Title>
      <ul>
        {data.content.map(({ id, asked, verdict, summary, askedAt, askedBy }) => (
          <li key={id}>
            <StateMark state={shownVerdict[verdict]} word={t(`trace.verdicts.${verdict}`)} />
            <Link
              to="/trace"
              search={{ from: asked.source, to: asked.destination, proto: asked.protocol, port: asked.port?.toString(), id }}
            >
              <bdi>{summary}</bdi>
            </Link>
            <Text size="xs" c="dimmed">
              <bdi>{askedBy}</bdi> · <RelativeTime at={askedAt} />
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
