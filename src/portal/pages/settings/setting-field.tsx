import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { inputOrder } from './input-order.ts';
import { SavedMark } from './saved-mark.tsx';
import { settingsQuery } from './settings-query.ts';
import classes from './settings.module.css';

type Properties<Output> = {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly schema: z.ZodType<Output, string>;
  readonly save: (value: Output) => Promise<unknown>;
  /** Where it is one of few; otherwise it is typed. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
};

/** SettingField is one setting with its own button: each is a change of its own, and takes effect at once. */
export function SettingField<Output>({ label, description, value, schema, save, choices }: Properties<Output>) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [saved, setSaved] = useState<string | undefined>(undefined);
  const form = useContractForm({
    schema: z.object({ value: schema }),
    initial: { value },
    labels: { value: label },
    submit: async (wanted) => {
      await save(wanted.value);
      setSaved(form.values.value);
      await client.invalidateQueries({ queryKey: settingsQuery.queryKey });
    },
  });
  const common = { ...form.field('value'), description, inputWrapperOrder: inputOrder };
  return (
    <form {...form.form} className={classes.field}>
      <div className={classes.input}>
        {choices === undefined ? (
          <TextInput {...common} autoComplete="off" spellCheck={false} />
        ) : (
          <NativeSelect {...common} data={[...choices]} />
        )}
        <Button type="submit" variant="default" loading={form.isSending} aria-label={t('settings.saveOne', { label })}>
          {t('settings.save')}
        </Button>
      </div>
      <SavedMark isSaved={saved === form.values.value && form.failure === undefined} />
      <FormFailure failure={form.failure} />
    </form>
  );
}
