import { Button, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import { natModes, networkDetailsRoutes } from '../../../contract/api/network-details.ts';
import { siteRouteRoutes } from '../../../contract/api/site-routes.ts';
import { ApiError } from '../../api/api-error.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import { ChoiceCards } from '../../parts/choice-cards.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { verifiedQuery } from './checks-query.ts';
import { networkQuery } from './network-query.ts';
import classes from './networks.module.css';
import { RouterCommands } from './router-commands.tsx';
import { WayBack } from './way-back.tsx';

/** LanTab is what the LAN of a network sees of the WPC: NAT or routed, and the routes that its router needs then. */
export function LanTab({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  return (
    <section className={classes.section}>
      <NatChoice network={network} />
      <WayBack networkId={network.id} />
      <Title order={2}>{t('lan.title')}</Title>
      <StaticRoutes networkId={network.id} />
    </section>
  );
}

function NatChoice({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: async (nat: NetworkDetails['nat']) =>
      await call(networkDetailsRoutes.change, { params: { id: network.id }, body: { nat } }),
    onSuccess: async (changed) => {
      client.setQueryData(networkQuery(network.id).queryKey, changed);
      await client.invalidateQueries({ queryKey: [siteRouteRoutes.staticRoutes.path] });
      await client.invalidateQueries({ queryKey: verifiedQuery(network.id).queryKey });
    },
  });
  const [chosen, setChosen] = useState(network.nat);
  const isOther = chosen !== network.nat;
  return (
    <>
      <ChoiceCards
        legend={t('nat.title')}
        value={chosen}
        onChange={setChosen}
        choices={natModes.map((nat) => ({
          value: nat,
          word: t(`nat.${nat}.word`),
          lines: [t(`nat.${nat}.servers`), t(`nat.${nat}.starts`)],
          note: t(`nat.${nat}.lan`),
        }))}
      />
      <FormFailure failure={change.error instanceof ApiError ? change.error : undefined} />
      <Impact
        trial={isOther ? trialOf(networkDetailsRoutes.change, { params: { id: network.id }, body: { nat: chosen } }) : undefined}
      />
      {isOther && (
        <div>
          <Button loading={change.isPending} onClick={() => change.mutate(chosen)}>
            {t('network.save')}
          </Button>
        </div>
      )}
    </>
  );
}

function StaticRoutes({ networkId }: { readonly networkId: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(asking(siteRouteRoutes.staticRoutes, { params: { id: networkId } }));
  if (error instanceof ApiError) return <FormFailure failure={error} />;
  if (data === undefined) return <PageLoader />;
  if (data.routes.length === 0) return <EmptyState title={t('lan.none')}>{t('lan.noneText')}</EmptyState>;
  return (
    <>
      <Table label={t('lan.title')} columns={[t('lan.destination'), t('lan.via'), t('lan.need'), t('lan.at'), t('lan.why')]}>
        {data.routes.map((each) => (
          <tr key={`${each.destination} ${each.at}`}>
            <td>
              <Address value={each.destination} />
            </td>
            <td>{each.via === null ? t('lan.viaUnknown') : <Address value={each.via} />}</td>
            <td>{t(`lan.needs.${each.need}`)}</td>
            <td>{t(`lan.places.${each.at}`)}</td>
            <td>
              <div className={tableClasses.text}>{each.why}</div>
            </td>
          </tr>
        ))}
      </Table>
      {data.whenConnectorsChange !== null && (
        <Text size="sm" c="dimmed">
          {data.whenConnectorsChange}
        </Text>
      )}
      <RouterCommands networkId={networkId} named={data.platform?.platform} />
    </>
  );
}
