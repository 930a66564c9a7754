import { Button, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { deviceRequest, deviceRoutes } from '../../../contract/api/device.ts';
import { deviceDetailsRoutes } from '../../../contract/api/device-details.ts';
import { userRequest, userRoutes } from '../../../contract/api/user.ts';
import { ApiError } from '../../api/api-error.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

const route = getRouteApi('/devices');

/** As many as a list of suggestions is read for; typing finds the others. */
const suggestions = 20;

type Properties = { readonly username: string; readonly onClose: () => void };

/** AddDevicePanel adds a device to a user, who is found by typing; its panel then makes the profile. */
export function AddDevicePanel({ username, onClose }: Properties) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const listId = useId();
  const [typed, setTyped] = useState(username);
  const suggested = useQuery({
    ...asking(userRoutes.list, { query: { q: typed, sort: 'username', size: suggestions } }),
    placeholderData: keepPreviousData,
  });
  const form = useContractForm({
    schema: z.object({ user: userRequest.shape.username, name: deviceRequest.shape.name }),
    initial: { user: username, name: '' },
    labels: { user: t('devices.user'), name: t('devices.name') },
    fieldOf: { userId: 'user' },
    submit: async ({ user, name }) => {
      const { content } = await call(userRoutes.list, { query: { username: user } });
      const [owner] = content;
      if (owner === undefined) {
        const message = t('devices.noUser');
        throw new ApiError(message, { status: 404, code: 'not-found', details: [{ field: 'user', message }] });
      }
      const made = await call(deviceRoutes.create, { query: { userId: owner.id }, body: { name } });
      await client.invalidateQueries({ queryKey: [deviceDetailsRoutes.list.path] });
      await navigate({ search: ({ panel: _panel, user: _user, ...before }) => ({ ...before, id: made.id }) });
    },
  });
  return (
    <Panel title={t('devices.add')} onClose={onClose}>
      <form {...form.form} className={formClasses.form}>
        <TextInput
          {...form.field('user')}
          onChange={(event) => {
            form.set('user', event.currentTarget.value);
            setTyped(event.currentTarget.value);
          }}
          list={listId}
          autoComplete="off"
          spellCheck={false}
        />
        <datalist id={listId}>
          {suggested.data?.content.map(({ id, username: name }) => (
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
