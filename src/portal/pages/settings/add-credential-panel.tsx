import { Button, NativeSelect, Text, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { apiCredentialRoutes, newApiCredential } from '../../../contract/api/api-credential.ts';
import type { Permission, Resource } from '../../../contract/permission.ts';
import { permission, resources } from '../../../contract/permission.ts';
import type { AnswerOf } from '../../api/call.ts';
import { call } from '../../api/call.ts';
import { ChoiceCards } from '../../parts/choice-cards.tsx';
import { CommandBlock } from '../../parts/command-block.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import classes from './settings.module.css';

const day_ms = 86_400_000;
const lifetimes = ['month', 'quarter', 'year', 'none'] as const;
const days = { month: 30, quarter: 90, year: 365 } as const;
const asked = z.object({
  name: newApiCredential.shape.name,
  permissions: z.array(permission).min(1, { error: 'are none; allowed: at least one' }),
  lifetime: z.enum(lifetimes),
  allowedPrefixes: z
    .string()
    .transform((text): string[] | undefined => text.split(/[\s,]+/).filter((each) => each !== ''))
    .pipe(newApiCredential.shape.allowedPrefixes),
});

type Made = AnswerOf<typeof apiCredentialRoutes.create>;

/** AddCredentialPanel makes a credential, and then shows its secret, which nobody can see again. */
export function AddCredentialPanel({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<Made | undefined>(undefined);
  return (
    <Panel title={t(made === undefined ? 'credentials.add' : 'credentials.made')} onClose={onClose}>
      {made === undefined ? <CredentialForm onMade={setMade} /> : <MadeCredential made={made} onClose={onClose} />}
    </Panel>
  );
}

function MadeCredential({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm">{t('credentials.once')}</Text>
      <div className={classes.field}>
        <Text fw={500}>{t('credentials.clientId')}</Text>
        <CommandBlock text={made.client_id} label={t('credentials.clientId')} />
      </div>
      <div className={classes.field}>
        <Text fw={500}>{t('credentials.secret')}</Text>
        <CommandBlock text={made.client_secret} label={t('credentials.secret')} />
      </div>
      <Button onClick={onClose}>{t('credentials.kept')}</Button>
    </>
  );
}

function CredentialForm({ onMade }: { readonly onMade: (made: Made) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { name: '', permissions: ['all:modify'], lifetime: 'quarter', allowedPrefixes: '' },
    labels: {
      name: t('credentials.name'),
      permissions: t('credentials.permissions'),
      lifetime: t('credentials.lifetime'),
      allowedPrefixes: t('credentials.from'),
    },
    submit: async ({ lifetime, ...body }) => {
      const end = lifetime === 'none' ? {} : { expiresAt: new Date(Date.now() + days[lifetime] * day_ms).toISOString() };
      onMade(await call(apiCredentialRoutes.create, { body: { ...body, ...end } }));
      await client.invalidateQueries({ queryKey: [apiCredentialRoutes.list.path] });
    },
  });
  const { permissions } = form.values;
  return (
    <form {...form.form} className={classes.form}>
      <TextInput {...form.field('name')} description={t('credentials.nameHelp')} placeholder="terraform" autoComplete="off" />
      <ChoiceCards
        legend={t('credentials.permissions')}
        value={permissions.includes('all:modify') ? 'all' : 'some'}
        onChange={(choice) => form.set('permissions', choice === 'all' ? ['all:modify'] : [])}
        choices={(['all', 'some'] as const).map((value) => ({
          value,
          word: t(`credentials.choices.${value}.word`),
          lines: [t(`credentials.choices.${value}.text`)],
        }))}
      />
      {!permissions.includes('all:modify') && (
        <Permissions
          held={permissions}
          problem={form.field('permissions').error}
          onChange={(wanted) => form.set('permissions', wanted)}
        />
      )}
      <NativeSelect
        {...form.field('lifetime')}
        description={t('credentials.lifetimeHelp')}
        data={lifetimes.map((value) => ({ value, label: t(`credentials.lifetimes.${value}`) }))}
      />
      <Textarea
        {...form.field('allowedPrefixes')}
        description={t('credentials.fromHelp')}
        placeholder="203.0.113.0/24"
        rows={2}
        spellCheck={false}
      />
      <FormFailure failure={form.failure} />
      <Button type="submit" loading={form.isSending}>
        {t('credentials.submit')}
      </Button>
    </form>
  );
}

type PermissionsProperties = {
  readonly held: readonly Permission[];
  readonly problem: string | undefined;
  readonly onChange: (held: Permission[]) => void;
};

const accesses = ['none', 'read', 'modify'] as const;

/** `modify` of everything is the other card. */
const single = resources.filter((resource) => resource !== 'all');

function Permissions({ held, problem, onChange }: PermissionsProperties) {
  const { t } = useTranslation();
  const accessTo = (resource: Resource) => accesses.find((access) => access !== 'none' && held.includes(`${resource}:${access}`));
  return (
    <div className={classes.field}>
      <div className={classes.permissions}>
        {single.map((resource) => (
          <NativeSelect
            key={resource}
            label={t(`credentials.resources.${resource}`)}
            value={accessTo(resource) ?? 'none'}
            data={accesses.map((value) => ({ value, label: t(`credentials.accesses.${value}`) }))}
            onChange={(event) => {
              const access = accesses.find((each) => each === event.currentTarget.value);
              const others = held.filter((each) => !each.startsWith(`${resource}:`));
              onChange(access === undefined || access === 'none' ? others : [...others, `${resource}:${access}`]);
            }}
          />
        ))}
      </div>
      {problem !== undefined && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
    </div>
  );
}
