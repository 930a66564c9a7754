import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HostConnector } from '../../../contract/api/connector.ts';
import formClasses from '../../parts/form.module.css';
import { InstallLine } from '../../parts/install-line.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';

type Properties = { readonly connector: HostConnector; readonly onClose: () => void };

/** HostInstallPanel gives the line that installs the connector of a host, and shows whether its machine has come. */
export function HostInstallPanel({ connector, onClose }: Properties) {
  const { t } = useTranslation();
  const isOnline = connector.connectionStatus === 'ONLINE';
  return (
    <Panel title={t('install.title', { name: connector.name })} onClose={onClose}>
      <Text size="sm">{t('hosts.installLead')}</Text>
      <InstallLine connectorId={connector.id} />
      <ul className={formClasses.lines} aria-label={t('install.progress')}>
        <li>
          <StateMark
            state={isOnline ? 'up' : 'pending'}
            word={isOnline ? t('install.tunnelUp', { region: connector.vpnRegionId }) : t('install.waiting')}
          />
        </li>
      </ul>
    </Panel>
  );
}
