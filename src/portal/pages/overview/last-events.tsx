import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { activityRoutes } from '../../../contract/api/activity.ts';
import { asking } from '../../api/ask.ts';
import { useHappenedWords } from '../../happened/event-words.ts';
import { HappenedTo } from '../../happened/happened-to.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import classes from './overview.module.css';

const most = 8;

/** LastEvents are the newest lines of all activity. */
export function LastEvents() {
  const { t } = useTranslation();
  const { actionWord } = useHappenedWords();
  const { data } = useQuery(asking(activityRoutes.list, { query: { limit: most } }));
  if (data === undefined) return null;
  return (
    <section className={classes.last} aria-labelledby="last-events">
      <Title order={2} id="last-events">
        {t('lastEvents.title')}
      </Title>
      {data.entries.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('lastEvents.none')}
        </Text>
      ) : (
        <ol>
          {data.entries.map((entry) => (
            <li key={entry.key}>
              <span className={classes.when}>
                <RelativeTime at={entry.at} />
              </span>
              <span className={classes.what}>
                <HappenedTo entry={entry} /> {actionWord(entry.action)}
              </span>
              {entry.who !== null && (
                <span className={classes.by}>
                  <ObjectName name={entry.who.name} />
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      <TextLink to="/activity" className={classes.all}>
        {t('lastEvents.all')}
      </TextLink>
    </section>
  );
}
