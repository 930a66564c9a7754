import { Button, CloseButton, NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './list.module.css';
import type { ListFilter, ListSearch } from './list-column.ts';

type Properties<Row> = {
  readonly filters: readonly ListFilter<Row>[];
  readonly search: ListSearch;
  readonly onSearch: (change: ListSearch) => void;
  readonly all: number;
  readonly count: number;
  readonly waiting: number;
  readonly onShowWaiting: () => void;
  readonly onSave: () => void;
  readonly isSaving: boolean;
  readonly columnMenu: ReactNode;
  /** Undefined where nothing is selected. */
  readonly bulk: ReactNode;
  readonly selected: number;
  readonly onClear: () => void;
};

/** ListTools stands over a list: search and filters, how many are shown, CSV; with a selection, what can be done with it. */
export function ListTools<Row>(properties: Properties<Row>) {
  const { filters, search, onSearch, all, count, waiting, onShowWaiting, onSave, isSaving, columnMenu, bulk, selected, onClear } =
    properties;
  const { t } = useTranslation();
  const change = (key: string, value: string) => onSearch({ [key]: value === '' ? undefined : value });
  return (
    <div className={classes.tools}>
      <TextInput
        className={classes.search}
        aria-label={t('list.search')}
        placeholder={t('list.search')}
        value={search['q'] ?? ''}
        onChange={(event) => change('q', event.currentTarget.value)}
      />
      {filters.map((filter) => (
        <NativeSelect
          key={filter.key}
          aria-label={filter.label}
          value={search[filter.key] ?? ''}
          onChange={(event) => change(filter.key, event.currentTarget.value)}
          data={[{ value: '', label: filter.all }, ...filter.choices]}
        />
      ))}
      <span className={classes.count} role="status">
        {count === all ? t('list.count', { count: all }) : t('list.countOf', { shown: count, all })}
      </span>
      {waiting > 0 && (
        <Button variant="light" size="compact-sm" onClick={onShowWaiting}>
          {t('list.waiting', { count: waiting })}
        </Button>
      )}
      {columnMenu}
      <Button variant="default" loading={isSaving} onClick={onSave} title={t('list.csvHelp')}>
        {t('list.csv')}
      </Button>
      {bulk !== undefined && (
        <div className={classes.bulk} role="group" aria-label={t('list.bulk')}>
          <span>{t('list.selected', { count: selected })}</span>
          {bulk}
          <CloseButton aria-label={t('list.clear')} title={t('list.clear')} onClick={onClear} />
        </div>
      )}
    </div>
  );
}
