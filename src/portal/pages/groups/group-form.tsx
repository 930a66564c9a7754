import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { regionRoutes } from '../../../contract/api/region.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { userGroupRequest, userGroupRoutes } from '../../../contract/api/user-group.ts';
import { secondFactorDemands } from '../../../contract/api/words.ts';
import { connectAuths } from '../../../core/connect-authentication.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { changesOf } from '../../parts/changed-fields.ts';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import { CheckList } from '../../parts/check-list.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { refreshGroups } from './refresh-groups.ts';

const asked = userGroupRequest
  .pick({ name: true, maxDevice: true, allRegionsIncluded: true, vpnRegionIds: true })
  .extend({ connectAuth: z.enum(connectAuths), secondFactor: z.enum(secondFactorDemands) });

/** GroupForm changes what holds for the people of a group, which others may change too. */
export function GroupForm({ group }: { readonly group: UserGroup }) {
  const { t } = useTranslation();
  return (
    <Edited
      thing={group}
      read={async () => await call(userGroupRoutes.read, { params: { id: group.id } })}
      fields={{
        name: { label: t('groups.name') },
        connectAuth: { label: t('groups.auth'), text: ({ connectAuth }) => t(`groups.auths.${connectAuth}.word`) },
        secondFactor: {
          label: t('groups.secondFactor'),
          text: ({ secondFactor }) => t(`groups.secondFactors.${secondFactor}.word`),
        },
        maxDevice: { label: t('groups.maxDevice') },
        vpnRegionIds: { label: t('groups.regions'), text: ({ vpnRegionIds }) => vpnRegionIds.join(', ') },
      }}
    >
      {(base, save) => <GroupFields group={base} save={save} />}
    </Edited>
  );
}

function GroupFields({ group, save }: { readonly group: UserGroup; readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const regions = useQuery(asking(regionRoutes.list));
  const form = useContractForm({
    schema: asked,
    initial: group,
    labels: {
      name: t('groups.name'),
      connectAuth: t('groups.auth'),
      secondFactor: t('groups.secondFactor'),
      maxDevice: t('groups.maxDevice'),
    },
    submit: async (values) => {
      await save(values, async (body) => await call(userGroupRoutes.update, { params: { id: group.id }, body }));
      await refreshGroups(client);
    },
  });
  const { connectAuth, secondFactor, allRegionsIncluded, vpnRegionIds } = form.values;
  // Without any region it would be refused, and no sooner than it is sent does anybody want to read that.
  const isWhole = allRegionsIncluded === true || (vpnRegionIds ?? []).length > 0;
  const changed = isWhole ? changesOf(group, form.valid()) : undefined;
  return (
    <form {...form.form} className={formClasses.form}>
      <TextInput {...form.field('name')} autoComplete="off" />
      <NativeSelect
        {...form.field('connectAuth')}
        description={t(`groups.auths.${connectAuth}.help`)}
        data={connectAuths.map((value) => ({ value, label: t(`groups.auths.${value}.word`) }))}
      />
      <NativeSelect
        {...form.field('secondFactor')}
        description={t(`groups.secondFactors.${secondFactor}.help`)}
        data={secondFactorDemands.map((value) => ({ value, label: t(`groups.secondFactors.${value}.word`) }))}
      />
      <TextInput
        {...form.field('maxDevice')}
        type="number"
        min={1}
        max={1_000}
        description={t('groups.maxDeviceHelp')}
        onChange={(event) => form.set('maxDevice', Number(event.currentTarget.value))}
      />
      <Checkbox
        label={t('groups.allRegionsIncluded')}
        checked={allRegionsIncluded === true}
        onChange={(event) => form.set('allRegionsIncluded', event.currentTarget.checked)}
      />
      {allRegionsIncluded !== true && (
        <CheckList
          label={t('groups.regions')}
          error={form.field('vpnRegionIds').error}
          choices={(regions.data ?? []).map(({ id, country, regionName }) => ({
            value: id,
            label: `${country}, ${regionName} (${id})`,
          }))}
          chosen={vpnRegionIds ?? []}
          onChange={(chosen) => form.set('vpnRegionIds', chosen)}
        />
      )}
      <FormFailure failure={form.failure} />
      <Impact trial={changed && trialOf(userGroupRoutes.update, { params: { id: group.id }, body: changed })} />
      <Button type="submit" variant="default" loading={form.isSending}>
        {t('list.save')}
      </Button>
    </form>
  );
}
