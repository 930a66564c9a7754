/** src/portal/pages/settings is what holds for the whole WPC: its name and addresses, the mail server, and credentials of programs. */
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../parts/page.tsx';
import { TabLink, Tabs } from '../../parts/tabs.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enSettings } from '../../texts/en-settings.ts';
import { AddCredentialPanel } from './add-credential-panel.tsx';
import { CredentialsTab } from './credentials-tab.tsx';
import { GeneralTab } from './general-tab.tsx';
import { MailTab } from './mail-tab.tsx';
import { settingsTabs } from './settings-search.ts';

addTexts(enSettings);

const route = getRouteApi('/settings');

export function SettingsPage() {
  const { t } = useTranslation();
  const { tab = settingsTabs[0], panel } = route.useSearch();
  const navigate = route.useNavigate();
  const close = () => void navigate({ search: { tab } });
  return (
    <Page
      title={t('settings.title')}
      lead={t('settings.lead')}
      actions={
        tab === 'credentials' && (
          <Button onClick={() => void navigate({ search: { tab, panel: 'add-credential' } })}>{t('credentials.add')}</Button>
        )
      }
      panel={tab === 'credentials' && panel === 'add-credential' ? <AddCredentialPanel onClose={close} /> : undefined}
    >
      <Tabs label={t('settings.parts')}>
        {settingsTabs.map((each) => (
          <TabLink key={each} to="/settings" search={{ tab: each }} isOpen={each === tab}>
            {t(`settings.tabs.${each}`)}
          </TabLink>
        ))}
      </Tabs>
      {tab === 'general' && <GeneralTab />}
      {tab === 'mail' && <MailTab />}
      {tab === 'credentials' && <CredentialsTab />}
    </Page>
  );
}
