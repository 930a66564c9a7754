import { Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { overviewRoutes } from '../../../contract/api/overview.ts';
import { wpcName } from '../../../contract/api/person.ts';
import { profileDistributions, settingRoutes } from '../../../contract/api/setting.ts';
import { webSessionRoutes } from '../../../contract/api/web-session.ts';
import { deviceEnforcements } from '../../../core/device-identity.ts';
import { internetAccessModes } from '../../../contract/api/words.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { ResolversForm } from './resolvers-form.tsx';
import { RetentionSection } from './retention-section.tsx';
import { SettingField } from './setting-field.tsx';
import { PortalCertificateSection } from './portal-certificate-section.tsx';
import { settingsQuery } from './settings-query.ts';
import { SignInSection } from './sign-in-section.tsx';
import classes from './settings.module.css';

const allowance = z
  .string()
  .trim()
  .regex(/^\d{1,4}$/, { error: 'is not a number; allowed: 1 to 1000' })
  .transform(Number);

/** GeneralTab is what the WPC is called, where its addresses come from, and what people and new objects get. */
export function GeneralTab() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const settings = useQuery(settingsQuery);
  const overview = useQuery(asking(overviewRoutes.read));
  const error = settings.error ?? overview.error;
  if (error !== null)
    return <PageProblem error={error} onRetry={() => void Promise.all([settings.refetch(), overview.refetch()])} />;
  if (settings.data === undefined || overview.data === undefined) return <PageLoader />;
  const { name, tunnelRanges, defaultRegion, distribution, enforcement, resolvers, internetAccess, retention, ...numbers } =
    settings.data;
  const regions = overview.data.regions.map(({ id, name: word }) => ({ value: id, label: `${word} (${id})` }));
  return (
    <div className={classes.sections}>
      <section className={classes.section}>
        <Title order={2}>{t('settings.wpc')}</Title>
        <SettingField
          label={t('settings.name')}
          description={t('settings.nameHelp')}
          value={name}
          schema={wpcName}
          read={async () => (await call(settingRoutes['wpc/name'].read)).name}
          save={async (wanted) => {
            await call(settingRoutes['wpc/name'].write, { body: { name: wanted } });
            await client.invalidateQueries({ queryKey: [webSessionRoutes.read.path] });
          }}
        />
        <SettingField
          label={t('settings.defaultRegion')}
          description={t('settings.defaultRegionHelp')}
          value={defaultRegion}
          schema={z.string()}
          read={async () => await call(settingRoutes['wpc/default-region'].read)}
          save={async (body) => await call(settingRoutes['wpc/default-region'].write, { body })}
          choices={
            regions.some(({ value }) => value === defaultRegion)
              ? regions
              : [{ value: defaultRegion, label: defaultRegion }, ...regions]
          }
        />
        <div>
          <Text fw={500}>{t('settings.topology')}</Text>
          <Text size="sm">{t('settings.topologyText')}</Text>
          <Text size="sm" c="dimmed">
            {t('settings.topologyWhy')}
          </Text>
        </div>
      </section>
      <section className={classes.section}>
        <Title order={2}>{t('settings.addresses')}</Title>
        <div>
          <Text fw={500}>{t('settings.ranges')}</Text>
          <div className={classes.several}>
            {tunnelRanges.map((range) => (
              <Address key={range} value={range} />
            ))}
          </div>
          <Text size="sm" c="dimmed">
            {t('settings.rangesHelp')} <code>causeway setting set wpc/subnet</code>
          </Text>
        </div>
        <ResolversForm resolvers={resolvers} />
      </section>
      <SignInSection settings={settings.data} />
      <section className={classes.section}>
        <Title order={2}>{t('settings.people')}</Title>
        <SettingField
          label={t('settings.allowance')}
          description={t('settings.allowanceHelp')}
          value={String(numbers.allowance)}
          schema={allowance}
          read={async () => String(await call(settingRoutes['user/device-allowance'].read))}
          save={async (body) => await call(settingRoutes['user/device-allowance'].write, { body })}
        />
        <SettingField
          label={t('settings.distribution')}
          description={t('settings.distributionHelp')}
          value={distribution}
          schema={z.enum(profileDistributions)}
          read={async () => await call(settingRoutes['user/profile-distribution'].read)}
          save={async (body) => await call(settingRoutes['user/profile-distribution'].write, { body })}
          choices={profileDistributions.map((value) => ({ value, label: t(`settings.distributions.${value}`) }))}
        />
        <SettingField
          label={t('settings.enforcement')}
          description={t('settings.enforcementHelp')}
          value={enforcement}
          schema={z.enum(deviceEnforcements)}
          read={async () => await call(settingRoutes['user/device-enforcement'].read)}
          save={async (body) => await call(settingRoutes['user/device-enforcement'].write, { body })}
          choices={deviceEnforcements.map((value) => ({ value, label: t(`settings.enforcements.${value}`) }))}
        />
        <SettingField
          label={t('settings.internet')}
          description={t('settings.internetHelp')}
          value={internetAccess}
          schema={z.enum(internetAccessModes)}
          read={async () => (await call(settingRoutes['internet-access'].read)).internetAccess}
          save={async (mode) => await call(settingRoutes['internet-access'].write, { body: { internetAccess: mode } })}
          choices={internetAccessModes.map((value) => ({ value, label: t(`internetModes.${value}`) }))}
        />
      </section>
      <RetentionSection retention={retention} />
      <PortalCertificateSection />
    </div>
  );
}
