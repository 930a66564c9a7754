import { Button, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deviceRoutes, deviceUpdate } from '../../../contract/api/device.ts';
import type { DeviceDetails } from '../../../contract/api/device-details.ts';
import { deviceDetailsRoutes } from '../../../contract/api/device-details.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { Panel } from '../../parts/panel.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { DeviceState, ProfileEnd } from './device-columns.tsx';
import { DeviceProfile } from './device-profile.tsx';

type Properties = { readonly device: DeviceDetails; readonly onClose: () => void };

/** DevicePanel is one device: whose it is, where it is, its name, and its profiles. */
export function DevicePanel({ device, onClose }: Properties) {
  const { t } = useTranslation();
  return (
    <Panel title={device.name} onClose={onClose}>
      <ul className={formClasses.lines}>
        <li>
          <DeviceState device={device} />
          {device.lastConnectedAt !== null && (
            <span>
              {t(device.connectionStatus === 'ONLINE' ? 'devices.since' : 'devices.seenAt')}{' '}
              <RelativeTime at={device.lastConnectedAt} />
            </span>
          )}
        </li>
        <li>
          <TextLink to="/users" search={{ id: device.userId }}>
            <ObjectName name={device.username} />
          </TextLink>
          <Address value={device.ipV4Address} />
          <span>
            {t('devices.addedAt')} <RelativeTime at={device.createdAt} />
          </span>
        </li>
        {device.profileEndsAt !== null && (
          <li>
            <span>
              {t('devices.profileEndsAt')} <ProfileEnd at={device.profileEndsAt} />
            </span>
          </li>
        )}
      </ul>
      {device.clientUUID !== '' && <DeviceMachine device={device} />}
      <DeviceForm device={device} />
      <DeviceProfile device={device} onGone={onClose} />
    </Panel>
  );
}

function DeviceMachine({ device }: { readonly device: DeviceDetails }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const forget = useMutation({
    mutationFn: async () => await call(deviceDetailsRoutes.forgetMachine, { params: { id: device.id } }),
    onSettled: async () => await client.invalidateQueries({ queryKey: [deviceDetailsRoutes.list.path] }),
  });
  return (
    <section className={formClasses.section} aria-labelledby="device-machine">
      <Title order={3} id="device-machine">
        {t('devices.machine')}
      </Title>
      <Address value={device.clientUUID} />
      <Text size="sm" c="dimmed">
        {t('devices.machineHelp')}
      </Text>
      <FormFailure failure={forget.error instanceof ApiError ? forget.error : undefined} />
      <div className={formClasses.buttons}>
        <Button variant="default" loading={forget.isPending} onClick={() => forget.mutate()}>
          {t('devices.forgetMachine')}
        </Button>
      </div>
    </section>
  );
}

const asked = deviceUpdate.pick({ description: true, clientUUID: true }).extend({ name: deviceRoutes.create.body.shape.name });

function DeviceForm({ device }: { readonly device: DeviceDetails }) {
  const { t } = useTranslation();
  return (
    <Edited
      thing={device}
      read={async () => await call(deviceRoutes.read, { params: { id: device.id } })}
      fields={{
        name: { label: t('devices.name') },
        description: { label: t('devices.description') },
        clientUUID: { label: t('devices.machine') },
      }}
    >
      {(base, save) => <DeviceFields device={base} save={save} />}
    </Edited>
  );
}

function DeviceFields({ device, save }: { readonly device: DeviceDetails; readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { name: device.name, description: device.description, clientUUID: device.clientUUID },
    labels: { name: t('devices.name'), description: t('devices.description'), clientUUID: t('devices.machine') },
    submit: async (values) => {
      await save(values, async (body) => await call(deviceRoutes.update, { params: { id: device.id }, body }));
      await client.invalidateQueries({ queryKey: [deviceDetailsRoutes.list.path] });
    },
  });
  return (
    <form {...form.form} className={formClasses.form}>
      <TextInput {...form.field('name')} autoComplete="off" />
      <TextInput {...form.field('description')} autoComplete="off" />
      {device.clientUUID === '' && (
        <TextInput {...form.field('clientUUID')} description={t('devices.machineNone')} autoComplete="off" />
      )}
      <FormFailure failure={form.failure} />
      <Button type="submit" variant="default" loading={form.isSending}>
        {t('list.save')}
      </Button>
    </form>
  );
}
