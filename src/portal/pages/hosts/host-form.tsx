import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Host } from '../../../contract/api/host.ts';
import { hostRequest, hostRoutes } from '../../../contract/api/host.ts';
import { call } from '../../api/call.ts';
import { changesOf } from '../../parts/changed-fields.ts';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

const asked = hostRequest.pick({ name: true, description: true });

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
      }}
    >
      {(base, save) => <HostFields host={base} save={save} />}
    </Edited>
  );
}

function HostFields({ host, save }: Properties & { readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { name, description } = host;
  const form = useContractForm({
    schema: asked,
    initial: { name, description },
    labels: { name: t('hosts.name'), description: t('hosts.description') },
    submit: async (values) => {
      await save(values, async (body) => await call(hostRoutes.update, { params: { id: host.id }, body }));
      await client.invalidateQueries({ queryKey: [hostRoutes.list.path] });
    },
  });
  const changed = changesOf(host, form.valid());
  return (
    <form {...form.form} className={formClasses.form}>
      <TextInput {...form.field('name')} autoComplete="off" />
      <TextInput {...form.field('description')} autoComplete="off" />
      <FormFailure failure={form.failure} />
      <Impact trial={changed && trialOf(hostRoutes.update, { params: { id: host.id }, body: changed })} />
      <Button type="submit" variant="default" loading={form.isSending}>
        {t('list.save')}
      </Button>
    </form>
  );
}
