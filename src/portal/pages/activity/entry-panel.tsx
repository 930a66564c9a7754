import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ActivityEntry } from '../../../contract/api/activity.ts';
import { useHappenedWords } from '../../happened/event-words.ts';
import { HappenedTo } from '../../happened/happened-to.tsx';
import { Address } from '../../parts/address.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import classes from './activity.module.css';
import { changesOf } from './changes.ts';

type Properties = { readonly entry: ActivityEntry; readonly onClose: () => void };

/** EntryPanel is an entry with everything that is known of it: who, from where, and each field before and after. */
export function EntryPanel({ entry, onClose }: Properties) {
  const { t, i18n } = useTranslation();
  const { entityWord, actionWord } = useHappenedWords();
  const { at, entity, entityId, action, who, requestId } = entry;
  const changes = changesOf(entry);
  return (
    <Panel key={entry.key} title={`${entityWord(entity)} ${actionWord(action)}`} onClose={onClose}>
      <dl className={classes.details}>
        <dt>{t('activity.object')}</dt>
        <dd>
          <HappenedTo entry={entry} />
        </dd>
        <dt>{t('activity.time')}</dt>
        <dd>{new Date(at).toLocaleString(i18n.language)}</dd>
        <dt>{t('activity.who')}</dt>
        <dd>{who === null ? t('activity.nobody') : <ObjectName name={who.name} />}</dd>
        {who?.sourceAddress !== null && who !== null && (
          <>
            <dt>{t('activity.from')}</dt>
            <dd>
              <Address value={who.sourceAddress} />
            </dd>
          </>
        )}
        {requestId !== null && (
          <>
            <dt>{t('activity.request')}</dt>
            <dd>
              <Address value={requestId} />
            </dd>
          </>
        )}
      </dl>
      <div className={classes.links}>
        <TextLink to="/activity" search={{ object: entityId }}>
          {t('activity.onlyObject')}
        </TextLink>
        {who !== null && (
          <TextLink to="/activity" search={{ who: who.id ?? who.kind }}>
            {t('activity.onlyWho', { name: who.name })}
          </TextLink>
        )}
      </div>
      <section className={classes.changes} aria-labelledby="entry-changes">
        <h3 id="entry-changes">{t('activity.changes')}</h3>
        {changes.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('activity.noChanges')}
          </Text>
        ) : (
          <dl>
            {changes.map(({ field, before, after }) => (
              <div key={field}>
                <dt>{field.replaceAll('_', ' ')}</dt>
                {before !== null && (
                  <dd data-side="before">
                    <span className={classes.side}>{t('activity.before')}</span>
                    <code>
                      <bdi>{before}</bdi>
                    </code>
                  </dd>
                )}
                {after !== null && (
                  <dd data-side="after">
                    <span className={classes.side}>{t('activity.after')}</span>
                    <code>
                      <bdi>{after}</bdi>
                    </code>
                  </dd>
                )}
              </div>
            ))}
          </dl>
        )}
      </section>
    </Panel>
  );
}
