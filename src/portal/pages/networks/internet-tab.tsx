import { Button, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { internetGatewayRoutes } from '../../../contract/api/internet-gateway.ts';
import type { NetworkDetails } from '../../../contract/api/network-details.ts';
import { networkRoutes } from '../../../contract/api/network.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { ChoiceCards } from '../../parts/choice-cards.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enInternet } from '../../texts/en-internet.ts';
import { InternetForm } from '../internet/internet-form.tsx';
import { gatewaysQuery } from '../internet/internet-users.ts';
import { networkQuery } from './network-query.ts';
import classes from './networks.module.css';

addTexts(enInternet);

/** InternetTab: whether a network carries internet traffic of others, whose, and where its own goes. */
export function InternetTab({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const gateways = useQuery(gatewaysQuery);
  const change = useMutation({
    mutationFn: async (egress: boolean) => await call(networkRoutes.update, { params: { id: network.id }, body: { egress } }),
    onSettled: async () =>
      await Promise.all(
        [networkQuery(network.id).queryKey, [internetGatewayRoutes.list.path], [networkRoutes.list.path]].map(
          async (queryKey) => await client.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const [isGateway, setGateway] = useState(network.egress);
  const isOther = isGateway !== network.egress;
  return (
    <section className={classes.section}>
      <ChoiceCards
        legend={t('internet.as')}
        value={isGateway ? 'yes' : 'no'}
        onChange={(role) => {
          change.reset();
          setGateway(role === 'yes');
        }}
        choices={(['no', 'yes'] as const).map((value) => ({
          value,
          word: t(`internet.roles.${value}.word`),
          lines: [t(`internet.roles.${value}.text`)],
          ...(value === 'yes' && network.nat === 'routed' ? { note: t('internet.routed') } : {}),
        }))}
      />
      <FormFailure failure={change.error instanceof ApiError ? change.error : undefined} />
      <Impact
        trial={isOther ? trialOf(networkRoutes.update, { params: { id: network.id }, body: { egress: isGateway } }) : undefined}
      />
      {isOther && (
        <div>
          <Button loading={change.isPending} onClick={() => change.mutate(isGateway)}>
            {t('network.save')}
          </Button>
        </div>
      )}
      {network.egress && (
        <>
          <Title order={2}>{t('internet.leaves')}</Title>
          <UsedBy network={network} />
        </>
      )}
      <Title order={2}>{t('internet.own')}</Title>
      {network.egress ? (
        <Text size="sm">{t('internet.ofGateway')}</Text>
      ) : gateways.data === undefined ? (
        <PageLoader />
      ) : (
        <InternetForm
          key={network.internetAccess}
          user={{ ...network, kind: 'network', bypass: [], isGateway: false }}
          gateways={gateways.data.gateways}
          onSaved={() => undefined}
        />
      )}
    </section>
  );
}

function UsedBy({ network }: { readonly network: NetworkDetails }) {
  const { t } = useTranslation();
  if (network.usedBy.length === 0) return <Text size="sm">{t('internet.nobody')}</Text>;
  return (
    <Table
      label={t('internet.leaves')}
      columns={(['kind', 'name', 'why', 'since'] as const).map((each) => t(`internet.${each}`))}
    >
      {network.usedBy.map(({ kind, id, name, gatewayRegion, reason, since }) => (
        <tr key={`${id} ${gatewayRegion}`}>
          <td>{t(`internet.kinds.${kind}`)}</td>
          <td>
            <ObjectName name={name} />
          </td>
          <td>
            <div className={tableClasses.text}>{reason}</div>
          </td>
          <td className={tableClasses.line}>
            <RelativeTime at={since} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
