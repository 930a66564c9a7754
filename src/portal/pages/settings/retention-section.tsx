import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { settingRoutes } from '../../../contract/api/setting.ts';
import type { Retention } from '../../../core/retention.ts';
import { retentionKinds, retentionRules } from '../../../core/retention.ts';
import { call } from '../../api/call.ts';
import { SettingField } from './setting-field.tsx';
import classes from './settings.module.css';

/** RetentionSection is for how many days records are kept. */
export function RetentionSection({ retention }: { readonly retention: Retention }) {
  const { t } = useTranslation();
  const { read, write } = settingRoutes.retention;
  return (
    <section className={classes.section}>
      <Title order={2}>{t('settings.retention')}</Title>
      {retentionKinds.map((kind) => (
        <SettingField
          key={kind}
          label={t(`settings.retentions.${kind}`)}
          description={t(`settings.retentionHelp.${kind}`)}
          value={String(retention[kind])}
          schema={daysWithin(retentionRules[kind])}
          read={async () => String((await call(read))[kind])}
          save={async (days) => await call(write, { body: { [kind]: days } })}
        />
      ))}
    </section>
  );
}

function daysWithin({ least, most }: { readonly least: number; readonly most: number }) {
  const error = `is not a number of days that is allowed; allowed: ${String(least)} to ${String(most)}`;
  return z
    .string()
    .trim()
    .regex(/^\d{1,4}$/, { error })
    .transform(Number)
    .refine((days) => days >= least && days <= most, { error });
}
