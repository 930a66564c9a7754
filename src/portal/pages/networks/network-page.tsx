import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Address } from '../../parts/address.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { TabLink, Tabs } from '../../parts/tabs.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { ActivityTab } from './activity-tab.tsx';
import { AddConnectorPanel } from './add-connector-panel.tsx';
import { ConnectorsTab } from './connectors-tab.tsx';
import { EditNetworkPanel } from './edit-network-panel.tsx';
import { InstallPanel } from './install-panel.tsx';
import { InternetTab } from './internet-tab.tsx';
import { LanTab } from './lan-tab.tsx';
import { NetworkMark } from './network-mark.tsx';
import { networkQuery } from './network-query.ts';
import { networkTabs } from './network-tabs.ts';
import classes from './networks.module.css';
import { SubnetsTab } from './subnets-tab.tsx';

const route = getRouteApi('/networks/$id');

/** NetworkPage is one network: its connectors, its prefixes, and what its LAN has to know. */
export function NetworkPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { tab = networkTabs[0], panel, connector: connectorId } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: network, error, refetch } = useQuery(networkQuery(id));
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (network === undefined) return <PageLoader />;
  const close = () => void navigate({ search: ({ tab: kept }) => ({ tab: kept }) });
  const addConnector = () => void navigate({ search: { tab: 'connectors', panel: 'add-connector' } });
  const connector = network.connectors.find((each) => each.id === connectorId);
  const shownPanel = (() => {
    if (panel === 'edit') return <EditNetworkPanel key={network.id} network={network} onClose={close} />;
    if (panel === 'add-connector') return <AddConnectorPanel networkId={id} onClose={close} />;
    if (panel === 'install' && connector !== undefined)
      return <InstallPanel key={connector.id} connector={connector} networkId={id} onClose={close} />;
    return undefined;
  })();
  return (
    <Page
      title={network.name}
      lead={
        <div className={classes.facts}>
          <NetworkMark network={network} />
          {network.routes.map(({ id: routeId, subnet }) => (
            <Address key={routeId} value={subnet} />
          ))}
          <span>{t(`nat.${network.nat}.word`)}</span>
          {network.description !== '' && <bdi>{network.description}</bdi>}
        </div>
      }
      actions={
        <>
          <TextLink to="/trace" search={{ to: network.name }}>
            {t('network.trace')}
          </TextLink>
          <Button
            variant="default"
            onClick={() => void navigate({ search: (before) => ({ ...before, panel: 'edit' as const }) })}
          >
            {t('network.edit')}
          </Button>
          <Button onClick={addConnector}>{t('connector.add')}</Button>
        </>
      }
      panel={shownPanel}
    >
      <Tabs label={t('network.parts')}>
        {networkTabs.map((each) => (
          <TabLink key={each} to="/networks/$id" params={{ id }} search={{ tab: each }} isOpen={each === tab}>
            {t(`network.tabs.${each}`)}
          </TabLink>
        ))}
      </Tabs>
      {tab === 'connectors' && <ConnectorsTab network={network} />}
      {tab === 'subnets' && <SubnetsTab network={network} />}
      {tab === 'lan' && <LanTab network={network} />}
      {tab === 'internet' && <InternetTab network={network} />}
      {tab === 'activity' && <ActivityTab network={network} />}
    </Page>
  );
}
