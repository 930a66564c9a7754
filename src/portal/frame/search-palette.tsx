import { Modal, Text, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchResult } from '../../contract/api/search.ts';
import { searchRoutes } from '../../contract/api/search.ts';
import { asking } from '../api/ask.ts';
import classes from './search-palette.module.css';
import { ObjectName } from '../parts/object-name.tsx';

/** Of each kind: what is read at a glance. */
const most = 5;

function asked(q: string) {
  return asking(searchRoutes.find, { query: { q, limit: most } });
}

/** shownBy is the page that shows what was found, and what there: a connector is shown with its network or host. */
function shownBy({ kind, id, parent }: SearchResult): {
  readonly page: 'networks' | 'hosts' | 'users' | 'devices';
  readonly id: string;
} {
  switch (kind) {
    case 'network':
      return { page: 'networks', id };
    case 'host':
      return { page: 'hosts', id };
    case 'connector':
      return { page: parent?.kind === 'host' ? 'hosts' : 'networks', id: parent?.id ?? id };
    case 'user':
      return { page: 'users', id };
    case 'device':
      return { page: 'devices', id };
  }
}

/** SearchPalette finds objects by name or address. Enter opens what is chosen. */
export function SearchPalette({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const wanted = text.trim();
  const { data, isPending, isPlaceholderData } = useQuery({
    ...asked(wanted),
    enabled: wanted !== '',
    placeholderData: keepPreviousData,
  });
  const found = wanted === '' ? [] : (data?.results ?? []);

  const open = (object: SearchResult | undefined): void => {
    if (object === undefined) return;
    onClose();
    const { page, id } = shownBy(object);
    if (page === 'networks') void navigate({ to: '/networks/$id', params: { id } });
    else void navigate({ to: `/${page}`, search: { id } });
  };
  const openChosen = async (): Promise<void> => {
    // Who is quicker than the answer means what was typed, and not what was found before.
    if (isPending || isPlaceholderData) open((await client.fetchQuery(asked(wanted))).results[0]);
    else open(found[chosen]);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setChosen((before) => Math.min(before + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setChosen((before) => Math.max(before - 1, 0));
    else if (event.key === 'Enter') {
      if (wanted !== '') void openChosen().catch(() => undefined);
    } else return;
    event.preventDefault();
  };

  return (
    <Modal.Root opened onClose={onClose} lockScroll={false} yOffset="12vh" size="lg" padding={0}>
      <Modal.Overlay />
      <Modal.Content aria-label={t('search.open')}>
        <TextInput
          data-autofocus
          size="md"
          variant="unstyled"
          className={classes.input}
          placeholder={t('search.place')}
          aria-label={t('search.open')}
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length > 0 ? `${id}-${String(chosen)}` : undefined}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKey}
        />
        <ul id={`${id}-list`} role="listbox" aria-label={t('search.found')} className={classes.list}>
          {found.map((object, index) => (
            <li
              key={object.id}
              id={`${id}-${String(index)}`}
              role="option"
              aria-selected={index === chosen}
              onMouseMove={() => setChosen(index)}
              onClick={() => open(object)}
              className={classes.found}
            >
              <span className={classes.kind}>{t(`kinds.${object.kind}`)}</span>
              <span className={classes.name}>
                <ObjectName name={object.name} />
              </span>
              {object.parent !== null && (
                <span className={classes.of}>
                  {t('search.of')} <ObjectName name={object.parent.name} />
                </span>
              )}
              <code className={classes.address}>{object.address ?? ''}</code>
            </li>
          ))}
        </ul>
        {wanted !== '' && typeof data?.answer === 'string' && (
          <Text size="sm" p="md" role="status">
            {data.answer}
          </Text>
        )}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p="md" role="status">
            {wanted === '' ? t('search.hint') : isPending ? t('search.looking') : t('search.nothing', { text })}
          </Text>
        )}
      </Modal.Content>
    </Modal.Root>
  );
}
