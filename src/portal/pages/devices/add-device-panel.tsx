import { Button, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { deviceRequest, deviceRoutes } from '../../../contract/api/device.ts';
import { deviceDetailsRoutes } from '../../../contract/api/device-details.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import { askingAll } from '../../api/ask-all.ts';
import { call } from '../../api/call.ts';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

const route = getRouteApi('/devices');

type Properties = { readonly username: string; readonly onClose: () => void };

/** AddDevicePanel adds a device to a user, who is found by typing; its panel then makes the profile. */
export function AddDevicePanel({ username, onClose }: Properties) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const listId = useId();
  const { data: users = [] } = useQuery(askingAll(userRoutes.list));
  const idOf = (name: string) => users.find((user) => user.username === name)?.id;
  const form = useContractForm({
    schema: z.object({
      user: z.string().refine((name) => idOf(name) !== undefined, { error: 'is not the name of a user' }),
      name: deviceRequest.shape.name,
    }),
    initial: { user: username, name: '' },
    labels: { user: t('devices.user'), name: t('devices.name') },
    fieldOf: { userId: 'user' },
    submit: async ({ user, name }) => {
      const made = await call(deviceRoutes.create, { query: { userId: idOf(user) }, body: { name } });
      await client.invalidateQueries({ queryKey: [deviceDetailsRoutes.list.path] });
      await navigate({ search: ({ panel: _panel, user: _user, ...before }) => ({ ...before, id: made.id }) });
    },
  });
  return (
    <Panel title={t('devices.add')} onClose={onClose}>
      <form {...form.form} className={formClasses.form}>
        <TextInput {...form.field('user')} list={listId} autoComplete="off" spellCheck={false} />
        <datalist id={listId}>
          {users.map(({ id, username: name }) => (
            <option key={id} value={name} />
          ))}
        </datalist>
        <TextInput {...form.field('name')} placeholder={t('member.nameHint')} autoComplete="off" />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('devices.addSubmit')}
        </Button>
      </form>
    </Panel>
  );
}
