import { CloseButton, Text, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListRoute } from '../api/ask-all.ts';
import { asking } from '../api/ask.ts';
import { ObjectName } from './object-name.tsx';
import classes from './objects-picker.module.css';

/** As many as are offered at once; more are found by typing. */
const most = 8;

type Named = { readonly id: string; readonly name: string };

type Properties<Item extends Named> = {
  readonly label: string;
  readonly description: string;
  /** Where the objects are searched, by the server. */
  readonly route: ListRoute<Item>;
  readonly chosen: readonly Named[];
  readonly onChange: (ids: readonly string[]) => void;
  /** Those that are not offered though they are found, such as what is chosen elsewhere. */
  readonly except: readonly string[];
  readonly disabled?: boolean;
};

/** ObjectsPicker chooses several objects of a list that may be long: what is typed is searched, arrow keys and Enter take one, and each goes by its button. */
export function ObjectsPicker<Item extends Named>(properties: Properties<Item>) {
  const { label, description, route, chosen, onChange, except, disabled = false } = properties;
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const ids = chosen.map((each) => each.id);
  // What is not offered must not take the place of what is.
  const size = most + ids.length + except.length;
  const { data } = useQuery({
    ...asking(route, { query: { q: text.trim(), sort: 'name', page: 0, size } }),
    enabled: isOpen,
    placeholderData: keepPreviousData,
  });
  const offered = isOpen
    ? (data?.content ?? []).filter((each) => !ids.includes(each.id) && !except.includes(each.id)).slice(0, most)
    : [];
  const take = (item: Item | undefined): void => {
    if (item === undefined) return;
    onChange([...ids, item.id]);
    setText('');
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' && !isOpen) setOpen(true);
    else if (event.key === 'ArrowDown') setAt(Math.min(at + 1, offered.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter' && isOpen) take(offered[at]);
    else if (event.key === 'Escape' && isOpen) setOpen(false);
    else return;
    // Neither is the form sent by Enter nor its panel closed by Escape.
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div>
      <TextInput
        label={label}
        description={description}
        placeholder={t('list.search')}
        disabled={disabled}
        autoComplete="off"
        role="combobox"
        aria-expanded={offered.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={offered.length > 0 ? `${id}-${String(at)}` : undefined}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} className={classes.offered}>
        {offered.map((item, index) => (
          <li
            key={item.id}
            id={`${id}-${String(index)}`}
            role="option"
            aria-selected={index === at}
            // The input keeps the focus: without it the list would close before the click.
            onMouseDown={(event) => event.preventDefault()}
            onMouseMove={() => setAt(index)}
            onClick={() => take(item)}
          >
            <ObjectName name={item.name} />
          </li>
        ))}
      </ul>
      {isOpen && text.trim() !== '' && data !== undefined && offered.length === 0 && (
        <Text size="xs" c="dimmed" role="status">
          {t('list.noMatch')}
        </Text>
      )}
      {chosen.length > 0 && (
        <ul className={classes.chosen} aria-label={label}>
          {chosen.map((each) => (
            <li key={each.id}>
              <ObjectName name={each.name} />
              {!disabled && (
                <CloseButton
                  size="xs"
                  aria-label={t('list.unchoose', { name: each.name })}
                  onClick={() => onChange(ids.filter((other) => other !== each.id))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
