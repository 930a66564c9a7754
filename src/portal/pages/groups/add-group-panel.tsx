import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { userGroupRequest, userGroupRoutes } from '../../../contract/api/user-group.ts';
import { call } from '../../api/call.ts';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { refreshGroups } from './refresh-groups.ts';

const route = getRouteApi('/groups');
const asked = userGroupRequest.pick({ name: true });

/** AddGroupPanel makes a group with the defaults of the WPC, and leads on to its panel, where the rest is chosen. */
export function AddGroupPanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { name: '' },
    labels: { name: t('groups.name') },
    submit: async (body) => {
      const made = await call(userGroupRoutes.create, { body });
      await refreshGroups(client);
      await navigate({ search: ({ panel: _panel, ...before }) => ({ ...before, id: made.id }) });
    },
  });
  return (
    <Panel title={t('groups.add')} onClose={onClose}>
      <form {...form.form} className={formClasses.form}>
        <TextInput {...form.field('name')} description={t('groups.nameHelp')} autoComplete="off" />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('groups.addSubmit')}
        </Button>
      </form>
    </Panel>
  );
}
