/** src/portal/pages/not-found answers addresses that no page has. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Page } from '../../parts/page.tsx';
import { TextLink } from '../../parts/text-link.tsx';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('notFound.title')}>
      <Text>{t('notFound.text')}</Text>
      <TextLink to="/">{t('problem.start')}</TextLink>
    </Page>
  );
}
