import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ActivityEntry } from '../../../contract/api/activity.ts';
import { useHappenedWords } from '../../happened/event-words.ts';
import { enActivity } from '../../texts/en-activity.ts';
import classes from './activity.module.css';
import type { ActivitySearch } from './activity-search.ts';

type Properties = {
  readonly search: ActivitySearch;
  readonly entries: readonly ActivityEntry[];
  readonly onChange: (change: Partial<ActivitySearch>) => void;
};

/** ActivityFilters narrow the list: by kind, by who did it (those that the list has), by object, by days. */
export function ActivityFilters({ search, entries, onChange }: Properties) {
  const { t } = useTranslation();
  const { entityWord } = useHappenedWords();
  const kinds = Object.keys(enActivity.entities).map((value) => ({ value, label: entityWord(value) }));
  const people = new Map(entries.flatMap(({ who }) => (who === null ? [] : [[who.id ?? who.kind, who.name] as const])));
  if (search.who !== undefined && !people.has(search.who))
    people.set(search.who, entries.find(({ who }) => who !== null)?.who?.name ?? search.who);
  const object = search.object === undefined ? undefined : entries.find(({ entityId }) => entityId === search.object);
  const given = (value: string) => (value === '' ? undefined : value);
  const isNarrowed = [search.kind, search.who, search.object, search.from, search.until].some((value) => value !== undefined);
  return (
    <search className={classes.filters} aria-label={t('activity.filters')}>
      <NativeSelect
        label={t('activity.kind')}
        value={search.kind ?? ''}
        data={[{ value: '', label: t('activity.all') }, ...kinds]}
        onChange={(event) => onChange({ kind: given(event.currentTarget.value) })}
      />
      <NativeSelect
        label={t('activity.who')}
        value={search.who ?? ''}
        data={[{ value: '', label: t('activity.everybody') }, ...[...people].map(([value, label]) => ({ value, label }))]}
        onChange={(event) => onChange({ who: given(event.currentTarget.value) })}
      />
      <TextInput
        type="date"
        label={t('activity.fromDay')}
        value={search.from ?? ''}
        onChange={(event) => onChange({ from: given(event.currentTarget.value) })}
      />
      <TextInput
        type="date"
        label={t('activity.untilDay')}
        value={search.until ?? ''}
        onChange={(event) => onChange({ until: given(event.currentTarget.value) })}
      />
      {search.object !== undefined && (
        <Button variant="default" onClick={() => onChange({ object: undefined })}>
          {t('activity.notOnly', { name: object?.name ?? search.object.slice(0, 8) })}
        </Button>
      )}
      {isNarrowed && (
        <Button
          variant="subtle"
          onClick={() => onChange({ kind: undefined, who: undefined, object: undefined, from: undefined, until: undefined })}
        >
          {t('activity.clear')}
        </Button>
      )}
    </search>
  );
}
