import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { settingRoutes } from '../../../contract/api/setting.ts';
import { parseAddress4 } from '../../../core/ip/address.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { inputOrder } from './input-order.ts';
import { SavedMark } from './saved-mark.tsx';
import { settingsQuery } from './settings-query.ts';
import classes from './settings.module.css';

const address = z
  .string()
  .trim()
  .superRefine((text, context) => {
    const parsed = parseAddress4(text);
    if (text === '' || parsed.ok) return;
    context.addIssue({ code: 'custom', message: `cannot be a resolver: ${parsed.reason}`, input: text });
  });
const asked = z.object({ primaryIpV4: address, secondaryIpV4: address });

type Properties = { readonly resolvers: z.input<typeof asked> | null };

/** ResolversForm: which resolvers devices are told. Both empty: they keep their own. */
export function ResolversForm({ resolvers }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [saved, setSaved] = useState<object | undefined>(undefined);
  const form = useContractForm({
    schema: asked,
    initial: resolvers ?? { primaryIpV4: '', secondaryIpV4: '' },
    labels: { primaryIpV4: t('settings.primary'), secondaryIpV4: t('settings.secondary') },
    submit: async (body) => {
      await call(settingRoutes['dns/custom-servers'].write, { body });
      setSaved(form.values);
      await client.invalidateQueries({ queryKey: settingsQuery.queryKey });
    },
  });
  return (
    <form {...form.form} className={classes.field}>
      <div className={classes.input} data-fields="2">
        <TextInput
          {...form.field('primaryIpV4')}
          description={t('settings.primaryHelp')}
          inputWrapperOrder={inputOrder}
          placeholder="10.0.0.53"
          spellCheck={false}
        />
        <TextInput
          {...form.field('secondaryIpV4')}
          description={t('settings.secondaryHelp')}
          inputWrapperOrder={inputOrder}
          placeholder="9.9.9.9"
          spellCheck={false}
        />
        <Button type="submit" variant="default" loading={form.isSending} aria-label={t('settings.saveResolvers')}>
          {t('settings.save')}
        </Button>
      </div>
      <SavedMark isSaved={saved === form.values && form.failure === undefined} />
      <FormFailure failure={form.failure} />
    </form>
  );
}
