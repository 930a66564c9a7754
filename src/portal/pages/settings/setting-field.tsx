import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
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
  /** What stands now, asked before it is saved: somebody else may have changed it. */
  readonly read: () => Promise<string>;
  readonly save: (value: Output) => Promise<unknown>;
  /** Where it is one of few; otherwise it is typed. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
};

/** SettingField is one setting with its own button: each is a change of its own, and takes effect at once. */
export function SettingField<Output>(properties: Properties<Output>) {
  const { label, value, read, choices } = properties;
  const thing = useMemo(() => ({ value }), [value]);
  const wordOf = (each: string) => choices?.find((choice) => choice.value === each)?.label ?? each;
  return (
    <div className={classes.field}>
      <Edited
        thing={thing}
        read={async () => ({ value: await read() })}
        fields={{ value: { label, text: (now) => wordOf(now.value) } }}
      >
        {(base, saveOver) => <Field {...properties} value={base.value} saveOver={saveOver} />}
      </Edited>
    </div>
  );
}

type FieldProperties<Output> = Properties<Output> & { readonly saveOver: Save };

function Field<Output>({ label, description, value, schema, save, saveOver, choices }: FieldProperties<Output>) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [saved, setSaved] = useState<string | undefined>(undefined);
  const form = useContractForm({
    schema: z.object({ value: schema }),
    initial: { value },
    labels: { value: label },
    submit: async (wanted) => {
      const outcome = await saveOver({ value: form.values.value }, async (mine) => {
        if (mine.value !== undefined) await save(wanted.value);
        return mine;
      });
      setSaved(outcome === 'saved' ? form.values.value : undefined);
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
