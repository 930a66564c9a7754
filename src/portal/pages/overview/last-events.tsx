import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../../contract/api/overview.ts';
import { actionOf, useHappenedWords } from '../../happened/event-words.ts';
import { ObjectName } from '../../parts/object-name.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import classes from './overview.module.css';

const most = 8;

/** LastEvents are the newest ones, with the names of what is on the map. */
export function LastEvents({ overview }: { readonly overview: Overview }) {
  const { t } = useTranslation();
  const { entityWord, actionWord } = useHappenedWords();
  if (overview.events === null) return null;
  const names = namesOf(overview);
  return (
    <section className={classes.last} aria-labelledby="last-events">
      <Title order={2} id="last-events">
        {t('lastEvents.title')}
      </Title>
      {overview.events.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('lastEvents.none')}
        </Text>
      ) : (
        <ol>
          {overview.events.slice(0, most).map(({ seq, topic, entity, entityId, at }) => {
            const name = names.get(entityId);
            return (
              <li key={seq}>
                <span className={classes.when}>
                  <RelativeTime at={at} />
                </span>
                <span className={classes.what}>
                  {entityWord(entity)} {name !== undefined && <ObjectName name={name} />} {actionWord(actionOf(topic))}
                </span>
              </li>
            );
          })}
        </ol>
      )}
      <TextLink to="/activity" className={classes.all}>
        {t('lastEvents.all')}
      </TextLink>
    </section>
  );
}

function namesOf({ groups, regions, networks, hosts }: Overview): ReadonlyMap<string, string> {
  const sites = [...(networks ?? []), ...(hosts ?? [])];
  const all = [
    ...(groups ?? []),
    ...sites,
    ...sites.flatMap(({ connectors }) => connectors),
    ...regions.flatMap(({ gateway }) => gateway ?? []),
  ];
  return new Map(all.map(({ id, name }) => [id, name]));
}
