import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { settingRoutes } from '../../../contract/api/setting.ts';
import { connectAuths } from '../../../core/connect-authentication.ts';
import { call } from '../../api/call.ts';
import { SettingField } from './setting-field.tsx';
import classes from './settings.module.css';

const switches = ['true', 'false'] as const;
const flag = z.enum(switches).transform((text) => text === 'true');

type Properties = {
  readonly settings: { readonly demandsFactor: boolean; readonly trustsBrowsers: boolean; readonly connectAuth: string };
};

/** SignInSection is what is demanded of everybody who signs in, here or at connect. */
export function SignInSection({ settings }: Properties) {
  const { t } = useTranslation();
  const {
    'auth/two-factor-auth': twoFactor,
    'auth/trusted-devices-allowed': trusted,
    'user/connect-auth': connect,
  } = settingRoutes;
  return (
    <section className={classes.section}>
      <Title order={2}>{t('settings.signIn')}</Title>
      <SettingField
        label={t('settings.twoFactor')}
        description={t('settings.twoFactorHelp')}
        value={String(settings.demandsFactor)}
        schema={flag}
        read={async () => String(await call(twoFactor.read))}
        save={async (body) => await call(twoFactor.write, { body })}
        choices={switches.map((value) => ({ value, label: t(`settings.twoFactors.${value}`) }))}
      />
      <SettingField
        label={t('settings.trusted')}
        description={t('settings.trustedHelp')}
        value={String(settings.trustsBrowsers)}
        schema={flag}
        read={async () => String(await call(trusted.read))}
        save={async (body) => await call(trusted.write, { body })}
        choices={switches.map((value) => ({ value, label: t(`settings.trusteds.${value}`) }))}
      />
      <SettingField
        label={t('settings.connectAuth')}
        description={t('settings.connectAuthHelp')}
        value={settings.connectAuth}
        schema={z.enum(connectAuths)}
        read={async () => await call(connect.read)}
        save={async (body) => await call(connect.write, { body })}
        choices={connectAuths.map((value) => ({ value, label: t(`settings.connectAuths.${value}`) }))}
      />
    </section>
  );
}
