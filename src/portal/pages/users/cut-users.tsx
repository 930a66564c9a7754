import { Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../contract/api/user.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import { webSessionRoutes } from '../../../contract/api/web-session.ts';
import { call } from '../../api/call.ts';
import { usePerson } from '../../app/session-context.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { eachInTurn } from '../../parts/list/each-in-turn.ts';
import { useSomeNames } from '../../parts/list/use-some-names.ts';
import { onlineDevices } from './user-columns.tsx';

/** What cuts people off: for a while, or for ever. */
export type Cut = 'suspend' | 'remove';

type Properties = {
  readonly cut: Cut;
  readonly users: readonly User[];
  readonly onClose: () => void;
  readonly onDone: () => void;
};

/** CutUsers stands before suspending and deleting users, and says who and what is cut off by it. */
export function CutUsers({ cut, users, onClose, onDone }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const person = usePerson();
  const someNames = useSomeNames();
  const count = users.length;
  const name = users[0]?.username ?? '';
  const names = someNames(users.map(({ username }) => username));
  const devices = users.reduce((sum, user) => sum + user.devices.length, 0);
  const online = users.reduce((sum, user) => sum + onlineDevices(user), 0);
  const isSelf = users.some(({ id }) => id === person.id);
  const only = count === 1 ? users[0] : undefined;
  const route = cut === 'suspend' ? userRoutes.suspend : userRoutes.remove;
  return (
    <Confirm
      title={t(`users.${cut}Title`, { count, name })}
      verb={t(`users.${cut}`)}
      onClose={onClose}
      act={async () => {
        try {
          await eachInTurn(
            users,
            async ({ id }) => await call(route, { params: { id } }),
            ({ row, done, message }) => t('list.stopped', { name: row.username, done, all: count, message }),
          );
          onDone();
        } finally {
          await client.invalidateQueries({ queryKey: [userRoutes.list.path] });
          if (isSelf) await client.invalidateQueries({ queryKey: [webSessionRoutes.read.path] });
        }
      }}
    >
      <Stack gap="xs">
        <Text>{t(`users.${cut}Text`, { count, name, names })}</Text>
        {cut === 'remove' && <Text>{t('users.removeDevices', { count: devices })}</Text>}
        {only === undefined ? (
          <Text>{t('users.cut', { count: online })}</Text>
        ) : (
          <Impact trial={trialOf(route, { params: { id: only.id } })} />
        )}
        {isSelf && <Text>{t('users.you')}</Text>}
      </Stack>
    </Confirm>
  );
}
