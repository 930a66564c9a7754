import { useTranslation } from 'react-i18next';
import { Page } from '../../parts/page.tsx';

export function NetworkPage() {
  const { t } = useTranslation();
  return <Page title={t('rail.networks')}>{null}</Page>;
}
