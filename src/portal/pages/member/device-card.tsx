import { Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ownDeviceRoutes } from '../../../contract/api/own-device.ts';
import type { OwnDevice } from '../../../contract/api/own-device.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../app/session-context.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { useNearingEnd } from '../../parts/use-nearing-end.ts';
import classes from './member.module.css';

/**
 * DeviceCard is one of the own devices. Opening its client with one click needs a certificate that the client trusts; elsewhere the profile is
 * downloaded, which works always.
 */
export function DeviceCard({ device, canHaveProfile }: { readonly device: OwnDevice; readonly canHaveProfile: boolean }) {
  const { t } = useTranslation();
  const { server } = useSession();
  const client = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const { id, name, platform, connectionStatus } = device;
  const refresh = async () => await client.invalidateQueries({ queryKey: [ownDeviceRoutes.list.path] });
  const download = useMutation({
    mutationFn: async () =>
      saveFile(`${name}.ovpn`, await call(ownDeviceRoutes.profile, { params: { id } }), 'application/x-openvpn-profile'),
    onSuccess: refresh,
  });
  const open = useMutation({
    mutationFn: async () => await call(ownDeviceRoutes.profileLink, { params: { id } }),
    onSuccess: async ({ importUrl }) => {
      window.location.href = importUrl;
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: async () => await call(ownDeviceRoutes.remove, { params: { id } }),
    onSuccess: refresh,
  });
  const isNearingEnd = useNearingEnd(device.profileEndsAt);
  const failure = download.error ?? open.error ?? remove.error;
  const isOnline = connectionStatus === 'ONLINE';
  return (
    <article className={classes.device}>
      <div className={classes.deviceHead}>
        <Text fw={600}>
          <bdi>{name}</bdi>
        </Text>
        <StateMark state={isOnline ? 'up' : 'unknown'} word={t(isOnline ? 'member.online' : 'member.offline')} />
      </div>
      {platform !== null && (
        <Text size="xs" c="dimmed">
          {t(`member.platforms.${platform}`)}
        </Text>
      )}
      {device.profileEndsAt !== null && isNearingEnd && (
        <Text size="sm">
          <StateMark
            state="degraded"
            word={
              <>
                {t('member.profileEnds')} <RelativeTime at={device.profileEndsAt} />.{' '}
                {t(canHaveProfile ? 'member.profileReplace' : 'member.profileAsk')}
              </>
            }
          />
        </Text>
      )}
      <div className={classes.buttons}>
        {canHaveProfile && server.isTrusted && (
          <Button onClick={() => open.mutate()} loading={open.isPending}>
            {t('member.open')}
          </Button>
        )}
        {canHaveProfile && (
          <Button
            variant={server.isTrusted ? 'default' : 'filled'}
            onClick={() => download.mutate()}
            loading={download.isPending}
          >
            {t('member.download')}
          </Button>
        )}
        {isAsked ? (
          <Button color="red" onClick={() => remove.mutate()} loading={remove.isPending}>
            {t('member.removeNow', { name })}
          </Button>
        ) : (
          <Button variant="default" onClick={() => setAsked(true)}>
            {t('member.remove')}
          </Button>
        )}
      </div>
      <FormFailure failure={failure instanceof ApiError ? failure : undefined} />
    </article>
  );
}
