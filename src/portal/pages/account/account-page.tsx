/** src/portal/pages/account is what people do with their own account. */
import { useTranslation } from 'react-i18next';
import { Page } from '../../parts/page.tsx';

export function AccountPage() {
  const { t } = useTranslation();
  return <Page title={t('accountMenu.account')}>{null}</Page>;
}
