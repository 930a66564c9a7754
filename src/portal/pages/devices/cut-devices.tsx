import { Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deviceRoutes } from '../../../contract/api/device.ts';
import type { DeviceDetails } from '../../../contract/api/device-details.ts';
import { deviceDetailsRoutes } from '../../../contract/api/device-details.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import { call } from '../../api/call.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { eachInTurn } from '../../parts/list/each-in-turn.ts';
import { useSomeNames } from '../../parts/list/use-some-names.ts';

/** What cuts devices off: until they have another profile, or for ever. */
export type Cut = 'revoke' | 'remove';

type Properties = {
  readonly cut: Cut;
  readonly devices: readonly DeviceDetails[];
  readonly onClose: () => void;
  readonly onDone: () => void;
};

/** CutDevices stands before revoking profiles and deleting devices, and says whose tunnels are cut by it. */
export function CutDevices({ cut, devices, onClose, onDone }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const someNames = useSomeNames();
  const count = devices.length;
  const [first] = devices;
  const name = first?.name ?? '';
  const user = first?.username ?? '';
  const names = someNames(devices.map((device) => `${device.username} / ${device.name}`));
  const online = devices.filter(({ connectionStatus }) => connectionStatus === 'ONLINE').length;
  const only = count === 1 ? first : undefined;
  const route = cut === 'revoke' ? deviceRoutes.revokeProfile : deviceRoutes.remove;
  return (
    <Confirm
      title={t(`devices.${cut}Title`, { count, name })}
      verb={t(`devices.${cut}`)}
      onClose={onClose}
      act={async () => {
        try {
          await eachInTurn(
            devices,
            async ({ id }) => await call(route, { params: { id } }),
            ({ row, done, message }) => t('list.stopped', { name: row.name, done, all: count, message }),
          );
          onDone();
        } finally {
          await Promise.all(
            [deviceDetailsRoutes.list.path, userRoutes.list.path].map(
              async (path) => await client.invalidateQueries({ queryKey: [path] }),
            ),
          );
        }
      }}
    >
      <Stack gap="xs">
        <Text>{t(`devices.${cut}Text`, { count, name, user, names })}</Text>
        {only === undefined ? (
          <Text>{t('users.cut', { count: online })}</Text>
        ) : (
          <Impact trial={trialOf(route, { params: { id: only.id } })} />
        )}
      </Stack>
    </Confirm>
  );
}
