import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { connectorRequest } from '../../../contract/api/connector.ts';
import { networkRequest, networkRoutes } from '../../../contract/api/network.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import classes from './networks.module.css';
import { prefixField } from './prefix-field.ts';

const asked = z.object({ name: networkRequest.shape.name, prefix: prefixField, connector: connectorRequest.shape.name });

/** AddNetworkPanel makes a network with its first prefix and connector, and leads on to the line that installs the connector. */
export function AddNetworkPanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { name: '', prefix: '', connector: '' },
    labels: { name: t('networks.name'), prefix: t('addNetwork.prefix'), connector: t('addNetwork.connector') },
    // What the API calls the fields of the first route and connector.
    fieldOf: { 'routes.0.value': 'prefix', 'routes.0.subnet': 'prefix', 'connectors.0.name': 'connector' },
    submit: async ({ name, prefix, connector }) => {
      const made = await call(networkRoutes.create, {
        body: { name, routes: [{ value: prefix.trim() }], connectors: [{ name: connector }] },
      });
      await client.invalidateQueries({ queryKey: [networkRoutes.list.path] });
      const [first] = made.connectors;
      await navigate({
        to: '/networks/$id',
        params: { id: made.id },
        search: first === undefined ? {} : { panel: 'install', connector: first.id },
      });
    },
  });
  return (
    <Panel title={t('networks.add')} onClose={onClose}>
      <form {...form.form} className={classes.form}>
        <TextInput {...form.field('name')} description={t('addNetwork.nameHelp')} autoComplete="off" />
        <TextInput
          {...form.field('prefix')}
          description={t('addNetwork.prefixHelp')}
          placeholder="10.0.0.0/18"
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput
          {...form.field('connector')}
          description={t('addNetwork.connectorHelp')}
          placeholder="hq-1"
          autoComplete="off"
          spellCheck={false}
        />
        <FormFailure failure={form.failure} />
        <Button type="submit" loading={form.isSending}>
          {t('addNetwork.submit')}
        </Button>
      </form>
    </Panel>
  );
}
