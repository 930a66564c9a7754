import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { connectorRequest, networkConnectorRoutes } from '../../../contract/api/connector.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { networkQuery } from './network-query.ts';
import classes from './networks.module.css';

const route = getRouteApi('/networks/$id');
const asked = connectorRequest.pick({ name: true });

/** AddConnectorPanel adds a connector to a network, and leads on to the line that installs it. */
export function AddConnectorPanel({ networkId, onClose }: { readonly networkId: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { name: '' },
    labels: { name: t('connector.name') },
    submit: async (body) => {
      const made = await call(networkConnectorRoutes.create, { query: { networkId }, body });
      await client.invalidateQueries({ queryKey: networkQuery(networkId).queryKey });
      await navigate({ search: { tab: 'connectors', panel: 'install', connector: made.id } });
    },
  });
  return (
    <Panel title={t('connector.add')} onClose={onClose}>
      <form {...form.form} className={classes.form}>
        <TextInput
          {...form.field('name')}
          description={t('addNetwork.connectorHelp')}
          placeholder="hq-2"
          autoComplete="off"
          spellCheck={false}
        />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('connector.addSubmit')}
        </Button>
      </form>
    </Panel>
  );
}
