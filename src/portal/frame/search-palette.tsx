import { Modal, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { asking } from '../api/ask.ts';
import type { FoundObject } from './found-objects.ts';
import { findObjects } from './found-objects.ts';
import classes from './search-palette.module.css';
import { ObjectName } from '../parts/object-name.tsx';

/** The largest page that the API gives. */
const everything = { query: { size: 1_000 } };

/** SearchPalette finds objects by name or address. Enter opens what is chosen. */
export function SearchPalette({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const networks = useQuery(asking(networkRoutes.list, everything));
  const hosts = useQuery(asking(hostRoutes.list, everything));
  const users = useQuery(asking(userRoutes.list, everything));
  const isLooking = networks.isPending || hosts.isPending || users.isPending;
  const found = findObjects(
    { networks: networks.data?.content ?? [], hosts: hosts.data?.content ?? [], users: users.data?.content ?? [] },
    text,
  );

  const open = (object: FoundObject | undefined): void => {
    if (object === undefined) return;
    onClose();
    const { page, id } = object.shownBy;
    if (page === 'networks') void navigate({ to: '/networks/$id', params: { id } });
    else void navigate({ to: `/${page}`, search: { id } });
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setChosen((before) => Math.min(before + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setChosen((before) => Math.max(before - 1, 0));
    else if (event.key === 'Enter') open(found[chosen]);
    else return;
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
              key={object.key}
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
              {object.of !== '' && (
                <span className={classes.of}>
                  {t('search.of')} <ObjectName name={object.of} />
                </span>
              )}
              <code className={classes.address}>{object.address}</code>
            </li>
          ))}
        </ul>
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p="md" role="status">
            {text.trim() === '' ? t('search.hint') : isLooking ? t('search.looking') : t('search.nothing', { text })}
          </Text>
        )}
      </Modal.Content>
    </Modal.Root>
  );
}
