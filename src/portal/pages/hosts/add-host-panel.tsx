import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { hostRequest, hostRoutes } from '../../../contract/api/host.ts';
import { call } from '../../api/call.ts';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

const route = getRouteApi('/hosts');
const asked = hostRequest.pick({ name: true, description: true });

/** AddHostPanel makes a host with a connector of the same name, and leads on to the line that installs it. */
export function AddHostPanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { name: '', description: '' },
    labels: { name: t('hosts.name'), description: t('hosts.description') },
    fieldOf: { 'connectors.0.name': 'name' },
    submit: async (body) => {
      const made = await call(hostRoutes.create, { body: { ...body, connectors: [{ name: body.name }] } });
      await client.invalidateQueries({ queryKey: [hostRoutes.list.path] });
      const connector = made.connectors[0]?.id;
      await navigate({ search: (before) => ({ ...before, id: made.id, panel: 'install' as const, connector }) });
    },
  });
  return (
    <Panel title={t('hosts.add')} onClose={onClose}>
      <form {...form.form} className={formClasses.form}>
        <TextInput {...form.field('name')} description={t('hosts.nameHelp')} placeholder="db-1" autoComplete="off" />
        <TextInput {...form.field('description')} autoComplete="off" />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('addNetwork.submit')}
        </Button>
      </form>
    </Panel>
  );
}
