/** src/portal/pages/networks: the list of networks, a network with its connectors and prefixes, and what its LAN has to know. */
import { useTranslation } from 'react-i18next';
import { Page } from '../../parts/page.tsx';

export function NetworksPage() {
  const { t } = useTranslation();
  return <Page title={t('rail.networks')}>{null}</Page>;
}
