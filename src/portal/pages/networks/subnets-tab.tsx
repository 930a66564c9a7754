import { Button, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import { networkRouteRoutes } from '../../../contract/api/network-route.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { networkQuery } from './network-query.ts';
import classes from './networks.module.css';
import { prefixField } from './prefix-field.ts';

const asked = z.object({ prefix: prefixField });

/** SubnetsTab lists the prefixes behind a network; adding and removing one takes effect at once, for everybody who is connected. */
export function SubnetsTab({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [removed, setRemoved] = useState<NetworkDetails['routes'][number] | undefined>(undefined);
  const refresh = async () => await client.invalidateQueries({ queryKey: networkQuery(network.id).queryKey });
  const form = useContractForm({
    schema: asked,
    initial: { prefix: '' },
    labels: { prefix: t('subnet.prefix') },
    fieldOf: { value: 'prefix', subnet: 'prefix' },
    submit: async ({ prefix }) => {
      await call(networkRouteRoutes.create, { query: { networkId: network.id }, body: { value: prefix.trim() } });
      await refresh();
      form.clear();
    },
  });
  const added = form.valid()?.prefix.trim();
  return (
    <section className={classes.section}>
      {network.routes.length === 0 ? (
        <EmptyState title={t('subnet.none')}>{t('subnet.noneText')}</EmptyState>
      ) : (
        <Table label={t('network.tabs.subnets')} columns={[t('subnet.prefix'), t('subnet.description'), '']}>
          {network.routes.map((each) => (
            <tr key={each.id}>
              <td>
                <Address value={each.subnet} />
              </td>
              <td>
                <bdi>{each.description}</bdi>
              </td>
              <td>
                <div className={tableClasses.actions}>
                  <Button variant="default" size="compact-sm" onClick={() => setRemoved(each)}>
                    {t('subnet.remove')}
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <form {...form.form} className={classes.inline}>
        <TextInput {...form.field('prefix')} placeholder="10.1.0.0/24" autoComplete="off" spellCheck={false} />
        <Button type="submit" variant="default" loading={form.isSending}>
          {t('subnet.add')}
        </Button>
        <FormFailure failure={form.failure} />
      </form>
      <Impact
        trial={
          added === undefined || added === ''
            ? undefined
            : trialOf(networkRouteRoutes.create, { query: { networkId: network.id }, body: { value: added } })
        }
      />
      {removed !== undefined && (
        <Confirm
          title={t('subnet.removeTitle')}
          verb={t('subnet.remove')}
          act={async () => {
            await call(networkRouteRoutes.remove, { params: { id: removed.id }, query: { networkId: network.id } });
            await refresh();
          }}
          onClose={() => setRemoved(undefined)}
        >
          <Text>{t('subnet.removeText', { prefix: removed.subnet, network: network.name })}</Text>
          <Impact trial={trialOf(networkRouteRoutes.remove, { params: { id: removed.id }, query: { networkId: network.id } })} />
        </Confirm>
      )}
    </section>
  );
}
