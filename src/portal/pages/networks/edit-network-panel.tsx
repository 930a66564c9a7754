import { Button, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import { networkRequest, networkRoutes } from '../../../contract/api/network.ts';
import { call } from '../../api/call.ts';
import { changesOf } from '../../parts/changed-fields.ts';
import { Confirm } from '../../parts/confirm.tsx';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { networkQuery } from './network-query.ts';

type Properties = { readonly network: NetworkDetails; readonly onClose: () => void };

/** EditNetworkPanel is what a network is called, and deleting it. */
export function EditNetworkPanel({ network, onClose }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isRemoving, setRemoving] = useState(false);
  return (
    <Panel title={t('network.edit')} onClose={onClose}>
      <Edited
        thing={network}
        read={async () => await call(networkRoutes.read, { params: { id: network.id } })}
        fields={{ name: { label: t('networks.name') }, description: { label: t('networks.description') } }}
      >
        {(base, save) => <NetworkForm network={base} save={save} />}
      </Edited>
      <div className={formClasses.buttons}>
        <Button variant="default" onClick={() => setRemoving(true)}>
          {t('network.remove')}
        </Button>
      </div>
      {isRemoving && (
        <Confirm
          title={t('network.removeTitle', { name: network.name })}
          verb={t('network.remove')}
          onClose={() => setRemoving(false)}
          act={async () => {
            await call(networkRoutes.remove, { params: { id: network.id } });
            await navigate({ to: '/networks' });
            client.removeQueries({ queryKey: networkQuery(network.id).queryKey });
            await client.invalidateQueries({ queryKey: [networkRoutes.list.path] });
          }}
        >
          <Text>
            {t('network.removeText', {
              name: network.name,
              prefixes: network.routes.map(({ subnet }) => subnet).join(', ') || t('network.noPrefix'),
            })}
          </Text>
          <Impact trial={trialOf(networkRoutes.remove, { params: { id: network.id } })} />
        </Confirm>
      )}
    </Panel>
  );
}

const asked = networkRequest.pick({ name: true, description: true });

function NetworkForm({ network, save }: { readonly network: NetworkDetails; readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { name: network.name, description: network.description },
    labels: { name: t('networks.name'), description: t('networks.description') },
    submit: async (values) => {
      await save(values, async (body) => await call(networkRoutes.update, { params: { id: network.id }, body }));
      await client.invalidateQueries({ queryKey: networkQuery(network.id).queryKey });
      await client.invalidateQueries({ queryKey: [networkRoutes.list.path] });
    },
  });
  const changed = changesOf(network, form.valid());
  return (
    <form {...form.form} className={formClasses.form}>
      <TextInput {...form.field('name')} autoComplete="off" />
      <TextInput {...form.field('description')} autoComplete="off" />
      <FormFailure failure={form.failure} />
      <Impact trial={changed && trialOf(networkRoutes.update, { params: { id: network.id }, body: changed })} />
      <Button type="submit" variant="default" loading={form.isSending}>
        {t('network.save')}
      </Button>
    </form>
  );
}
