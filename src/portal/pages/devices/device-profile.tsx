import { Button, NativeSelect, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deviceRoutes } from '../../../contract/api/device.ts';
import type { DeviceDetails } from '../../../contract/api/device-details.ts';
import { deviceDetailsRoutes } from '../../../contract/api/device-details.ts';
import { regionRoutes } from '../../../contract/api/region.ts';
import { ApiError } from '../../api/api-error.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { saveFile } from '../../parts/save-file.ts';
import type { Cut } from './cut-devices.tsx';
import { CutDevices } from './cut-devices.tsx';

type Properties = { readonly device: DeviceDetails; readonly onGone: () => void };

/** DeviceProfile makes profiles of a device, and takes all of them, or the device, away again. */
export function DeviceProfile({ device, onGone }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const regions = useQuery(asking(regionRoutes.list));
  const [regionId, setRegionId] = useState('');
  const [cut, setCut] = useState<Cut | undefined>(undefined);
  const make = useMutation({
    mutationFn: async () => {
      const profile = await call(deviceRoutes.profile, { params: { id: device.id }, query: { regionId } });
      saveFile(`${device.name}.ovpn`, profile, 'application/x-openvpn-profile');
    },
    onSuccess: async () => await client.invalidateQueries({ queryKey: [deviceDetailsRoutes.list.path] }),
  });
  return (
    <section className={formClasses.section} aria-labelledby="device-profile">
      <Title order={3} id="device-profile">
        {t('devices.profile')}
      </Title>
      <Text size="sm">{t('devices.profileText')}</Text>
      <NativeSelect
        label={t('devices.region')}
        value={regionId}
        onChange={(event) => setRegionId(event.currentTarget.value)}
        data={[
          { value: '', label: t('devices.defaultRegion') },
          ...(regions.data ?? []).map(({ id, regionName, country }) => ({
            value: id,
            label: `${country}, ${regionName} (${id})`,
          })),
        ]}
      />
      <div className={formClasses.buttons}>
        <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
          {t('devices.make')}
        </Button>
        {device.hasProfile && (
          <Button variant="default" onClick={() => setCut('revoke')}>
            {t('devices.revoke')}
          </Button>
        )}
        <Button variant="default" onClick={() => setCut('remove')}>
          {t('devices.remove')}
        </Button>
      </div>
      <FormFailure failure={make.error instanceof ApiError ? make.error : undefined} />
      {cut !== undefined && (
        <CutDevices
          cut={cut}
          devices={[device]}
          onClose={() => setCut(undefined)}
          onDone={() => {
            if (cut === 'remove') onGone();
          }}
        />
      )}
    </section>
  );
}
