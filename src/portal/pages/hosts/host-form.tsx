import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import type { Host } from '../../../contract/api/host.ts';
import { hostRequest, hostRoutes } from '../../../contract/api/host.ts';
import { internetAccessModes } from '../../../contract/api/words.ts';
import { call } from '../../api/call.ts';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

const asked = hostRequest.pick({ name: true, description: true }).extend({ internetAccess: z.enum(internetAccessModes) });

type Properties = { readonly host: Host };

/** HostForm changes a host, which others may change too. */
export function HostForm({ host }: Properties) {
  const { t } = useTranslation();
  return (
    <Edited
      thing={host}
      read={async () => await call(hostRoutes.read, { params: { id: host.id } })}
      fields={{
        name: { label: t('hosts.name') },
        description: { label: t('hosts.description') },
        internetAccess: {
          label: t('groups.internet'),
          text: ({ internetAccess }) => t(`groups.modes.${internetAccess}.word`),
        },
      }}
    >
      {(base, save) => <HostFields host={base} save={save} />}
    </Edited>
  );
}

function HostFields({ host, save }: Properties & { readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { name, description, internetAccess } = host;
  const form = useContractForm({
    schema: asked,
    initial: { name, description, internetAccess },
    labels: { name: t('hosts.name'), description: t('hosts.description'), internetAccess: t('groups.internet') },
    submit: async (values) => {
      await save(values, async (body) => await call(hostRoutes.update, { params: { id: host.id }, body }));
      await client.invalidateQueries({ queryKey: [hostRoutes.list.path] });
    },
  });
  return (
    <form {...form.form} className={formClasses.form}>
      <TextInput {...form.field('name')} autoComplete="off" />
      <TextInput {...form.field('description')} autoComplete="off" />
      <NativeSelect
        {...form.field('internetAccess')}
        description={t(`groups.modes.${form.values.internetAccess}.help`)}
        data={internetAccessModes.map((value) => ({ value, label: t(`groups.modes.${value}.word`) }))}
      />
      <FormFailure failure={form.failure} />
      <Button type="submit" variant="default" loading={form.isSending}>
        {t('list.save')}
      </Button>
    </form>
  );
}
