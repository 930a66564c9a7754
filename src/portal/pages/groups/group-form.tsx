import { Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { networkRoutes } from '../../../contract/api/network.ts';
import { regionRoutes } from '../../../contract/api/region.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { userGroupRequest, userGroupRoutes } from '../../../contract/api/user-group.ts';
import { internetAccessModes } from '../../../contract/api/words.ts';
import { connectAuths } from '../../../core/connect-authentication.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import { CheckList } from '../../parts/check-list.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';

/** The prefixes of the tunnel bypass are typed as text, apart by anything but what is in one. */
const asked = z.object({
  ...userGroupRequest.omit({ tunnelBypass: true, internetAccess: true, connectAuth: true }).shape,
  internetAccess: z.enum(internetAccessModes),
  connectAuth: z.enum(connectAuths),
  bypass: z.string(),
});

/** GroupForm changes what holds for the people of a group, which others may change too. */
export function GroupForm({ group }: { readonly group: UserGroup }) {
  const { t } = useTranslation();
  return (
    <Edited
      thing={group}
      read={async () => await call(userGroupRoutes.read, { params: { id: group.id } })}
      fields={{
        name: { label: t('groups.name') },
        internetAccess: {
          label: t('groups.internet'),
          text: ({ internetAccess }) => t(`groups.modes.${internetAccess}.word`),
        },
        connectAuth: { label: t('groups.auth'), text: ({ connectAuth }) => t(`groups.auths.${connectAuth}.word`) },
        maxDevice: { label: t('groups.maxDevice') },
        gatewaysIds: { label: t('groups.gateways'), text: ({ gatewaysIds }) => String(gatewaysIds.length) },
        vpnRegionIds: { label: t('groups.regions'), text: ({ vpnRegionIds }) => vpnRegionIds.join(', ') },
        tunnelBypass: { label: t('groups.bypass'), text: ({ tunnelBypass }) => tunnelBypass.ipv4Subnets.join(', ') },
      }}
    >
      {(base, save) => <GroupFields group={base} save={save} />}
    </Edited>
  );
}

/** Only what the chosen internet access has a use for is sent. */
function GroupFields({ group, save }: { readonly group: UserGroup; readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const regions = useQuery(asking(regionRoutes.list));
  const networks = useQuery(asking(networkRoutes.list, { query: { size: 1_000 } }));
  const form = useContractForm({
    schema: asked,
    initial: { ...group, bypass: group.tunnelBypass.ipv4Subnets.join('\n') },
    labels: {
      name: t('groups.name'),
      internetAccess: t('groups.internet'),
      connectAuth: t('groups.auth'),
      maxDevice: t('groups.maxDevice'),
      bypass: t('groups.bypass'),
    },
    fieldOf: { 'tunnelBypass.ipv4Subnets': 'bypass', 'tunnelBypass.ipv4Subnets.0': 'bypass' },
    submit: async ({ bypass, gatewaysIds, ...others }) => {
      const wanted = {
        ...others,
        ...(others.internetAccess === 'SPLIT_TUNNEL_OFF' ? { gatewaysIds } : {}),
        ...(others.internetAccess === 'SPLIT_TUNNEL_ON'
          ? {}
          : { tunnelBypass: { ipv4Subnets: bypass.split(/[\s,;]+/).filter((prefix) => prefix !== '') } }),
      };
      await save(wanted, async (body) => await call(userGroupRoutes.update, { params: { id: group.id }, body }));
      await client.invalidateQueries({ queryKey: [userGroupRoutes.list.path] });
    },
  });
  const { internetAccess, connectAuth, allRegionsIncluded, vpnRegionIds, gatewaysIds } = form.values;
  const gateways = (networks.data?.content ?? []).filter(({ egress }) => egress);
  return (
    <form {...form.form} className={formClasses.form}>
      <TextInput {...form.field('name')} autoComplete="off" />
      <NativeSelect
        {...form.field('internetAccess')}
        description={t(`groups.modes.${internetAccess}.help`)}
        data={internetAccessModes.map((value) => ({ value, label: t(`groups.modes.${value}.word`) }))}
      />
      {internetAccess === 'SPLIT_TUNNEL_OFF' && gateways.length > 0 && (
        <CheckList
          label={t('groups.gateways')}
          description={t('groups.gatewaysHelp')}
          choices={gateways.map(({ id, name }) => ({ value: id, label: name }))}
          chosen={gatewaysIds ?? []}
          onChange={(chosen) => form.set('gatewaysIds', chosen)}
        />
      )}
      {internetAccess !== 'SPLIT_TUNNEL_ON' && (
        <Textarea {...form.field('bypass')} description={t('groups.bypassHelp')} rows={2} spellCheck={false} />
      )}
      <NativeSelect
        {...form.field('connectAuth')}
        description={t(`groups.auths.${connectAuth}.help`)}
        data={connectAuths.map((value) => ({ value, label: t(`groups.auths.${value}.word`) }))}
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
      <Button type="submit" variant="default" loading={form.isSending}>
        {t('list.save')}
      </Button>
    </form>
  );
}
