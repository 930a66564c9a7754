import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { settingRoutes } from '../../../contract/api/setting.ts';
import { parseAddress4 } from '../../../core/ip/address.ts';
import { call } from '../../api/call.ts';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
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

type Resolvers = z.input<typeof asked>;

/** In one order, so that two of them can be compared. */
const given = (resolvers: Resolvers | null | undefined): Resolvers => ({
  primaryIpV4: resolvers?.primaryIpV4 ?? '',
  secondaryIpV4: resolvers?.secondaryIpV4 ?? '',
});

/** ResolversForm: which resolvers devices are told. Both empty: they keep their own. */
export function ResolversForm({ resolvers }: { readonly resolvers: Resolvers | null }) {
  const { t } = useTranslation();
  const thing = useMemo(() => ({ resolvers: given(resolvers) }), [resolvers]);
  return (
    <div className={classes.field}>
      <Edited
        thing={thing}
        read={async () => ({ resolvers: given(await call(settingRoutes['dns/custom-servers'].read)) })}
        fields={{
          resolvers: {
            label: t('settings.resolvers'),
            text: ({ resolvers: now }) =>
              Object.values(now)
                .filter((each) => each !== '')
                .join(', ') || t('settings.noResolvers'),
          },
        }}
      >
        {(base, save) => <ResolverFields resolvers={base.resolvers} save={save} />}
      </Edited>
    </div>
  );
}

function ResolverFields({ resolvers, save }: { readonly resolvers: Resolvers; readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [saved, setSaved] = useState<object | undefined>(undefined);
  const form = useContractForm({
    schema: asked,
    initial: resolvers,
    labels: { primaryIpV4: t('settings.primary'), secondaryIpV4: t('settings.secondary') },
    submit: async (body) => {
      // Both are written at once, so both are what the other one changed.
      const outcome = await save({ resolvers: given(body) }, async (mine) => {
        if (mine.resolvers !== undefined) await call(settingRoutes['dns/custom-servers'].write, { body });
        return mine;
      });
      setSaved(outcome === 'saved' ? form.values : undefined);
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
