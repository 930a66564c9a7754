import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Network } from '../../../contract/api/network.ts';
import { natModes } from '../../../contract/api/network-details.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import type { ProposedChange } from '../../../contract/api/what-if.ts';
import { internetAccessModes } from '../../../contract/api/words.ts';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { changeFields, changeKinds, changeOf } from './what-if-change.ts';
import classes from './what-if.module.css';

type Properties = {
  readonly change: ProposedChange | undefined;
  readonly networks: readonly Network[];
  readonly groups: readonly UserGroup[];
  readonly isAsking: boolean;
  readonly onAsk: (change: ProposedChange) => void;
};

/** WhatIfForm asks for one change of those that the API can try. */
export function WhatIfForm({ change, networks, groups, isAsking, onAsk }: Properties) {
  const { t } = useTranslation();
  const form = useContractForm({
    schema: changeFields,
    initial: {
      kind: networks.length === 0 ? 'add-network' : 'set-nat',
      networkId: networks[0]?.id ?? '',
      prefix: change?.kind === 'add-network' ? (change.prefixes[0] ?? '') : '',
      nat: 'routed',
      userGroupId: groups[0]?.id ?? '',
      internetAccess: 'SPLIT_TUNNEL_OFF',
      name: '',
      ...change,
    },
    labels: { prefix: t('whatIf.prefix'), name: t('whatIf.name') },
    submit: async (fields) => onAsk(changeOf(fields)),
  });
  const { kind, networkId } = form.values;
  const prefixes = networks.find(({ id }) => id === networkId)?.routes.map(({ subnet }) => subnet) ?? [];
  const ofNetwork = kind === 'set-nat' || kind === 'add-prefix' || kind === 'remove-prefix';
  return (
    <form {...form.form} className={classes.form}>
      <NativeSelect
        {...form.field('kind')}
        label={t('whatIf.kind')}
        data={changeKinds
          .filter((each) => networks.length > 0 || each === 'add-network' || each === 'set-internet-access')
          .map((value) => ({ value, label: t(`whatIf.kinds.${value}`) }))}
        onChange={(event) => {
          const wanted = changeKinds.find((each) => each === event.currentTarget.value) ?? 'set-nat';
          form.set('kind', wanted);
          form.set('prefix', wanted === 'remove-prefix' ? (prefixes[0] ?? '') : '');
        }}
      />
      {ofNetwork && (
        <NativeSelect
          {...form.field('networkId')}
          label={t('whatIf.network')}
          data={networks.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => {
            const id = event.currentTarget.value;
            form.set('networkId', id);
            const [first] = networks.find((network) => network.id === id)?.routes ?? [];
            if (kind === 'remove-prefix') form.set('prefix', first?.subnet ?? '');
          }}
        />
      )}
      {kind === 'add-network' && <TextInput {...form.field('name')} description={t('whatIf.nameHelp')} autoComplete="off" />}
      {kind === 'remove-prefix' && <NativeSelect {...form.field('prefix')} data={prefixes} />}
      {(kind === 'add-prefix' || kind === 'add-network') && (
        <TextInput {...form.field('prefix')} placeholder="10.1.0.0/24" autoComplete="off" spellCheck={false} />
      )}
      {(kind === 'set-nat' || kind === 'add-network') && (
        <NativeSelect
          {...form.field('nat')}
          label={t('whatIf.nat')}
          data={natModes.map((value) => ({ value, label: t(`whatIf.nats.${value}`) }))}
        />
      )}
      {kind === 'set-internet-access' && (
        <>
          <NativeSelect
            {...form.field('userGroupId')}
            label={t('whatIf.group')}
            data={groups.map(({ id, name }) => ({ value: id, label: name }))}
          />
          <NativeSelect
            {...form.field('internetAccess')}
            label={t('whatIf.internetAccess')}
            data={internetAccessModes.map((value) => ({ value, label: t(`internetModes.${value}`) }))}
          />
        </>
      )}
      <Button type="submit" loading={isAsking}>
        {t('whatIf.submit')}
      </Button>
    </form>
  );
}
