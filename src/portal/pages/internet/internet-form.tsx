import { Button, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { hostRoutes } from '../../../contract/api/host.ts';
import type { InternetGateways } from '../../../contract/api/internet-gateway.ts';
import { internetGatewayRoutes } from '../../../contract/api/internet-gateway.ts';
import { networkDetailsRoutes } from '../../../contract/api/network-details.ts';
import { networkRoutes } from '../../../contract/api/network.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import { internetAccessModes } from '../../../contract/api/words.ts';
import { parsePrefix } from '../../../core/ip/prefix.ts';
import { changesOf } from '../../parts/changed-fields.ts';
import { ChoiceCards } from '../../parts/choice-cards.tsx';
import { CheckList } from '../../parts/check-list.tsx';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact } from '../../parts/impact.tsx';
import { readInternetUser, tryInternetUser, writeInternetUser } from './write-internet-user.ts';
import { TextLink } from '../../parts/text-link.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { changeText } from '../trace/what-if-change.ts';
import classes from './internet.module.css';
import type { InternetUser } from './internet-users.ts';

const asked = z.object({
  internetAccess: z.enum(internetAccessModes),
  gatewaysIds: z.array(z.string()),
  bypass: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
    .superRefine((prefixes, context) => {
      for (const text of prefixes) {
        const parsed = parsePrefix(text);
        if (!parsed.ok) context.addIssue({ code: 'custom', message: `cannot be used: ${parsed.reason}`, input: text });
      }
    }),
});

type Properties = {
  readonly user: InternetUser;
  readonly gateways: InternetGateways['gateways'];
  readonly onSaved: () => void;
};

/** InternetForm chooses where internet traffic of one group, network or host goes, which others may change too. It takes effect at once. */
export function InternetForm({ user, gateways, onSaved }: Properties) {
  const { t } = useTranslation();
  return (
    <Edited
      thing={user}
      read={async () => await readInternetUser(user)}
      fields={{
        internetAccess: { label: t('internet.mode'), text: ({ internetAccess }) => t(`internetModes.${internetAccess}`) },
        gatewaysIds: {
          label: t('internet.through'),
          text: ({ gatewaysIds }) => gatewaysIds.map((id) => gateways.find((each) => each.id === id)?.name ?? id).join(', '),
        },
        bypass: { label: t('internet.bypass'), text: ({ bypass }) => bypass.join(', ') },
      }}
    >
      {(base, save) => <InternetFields user={base} gateways={gateways} onSaved={onSaved} save={save} />}
    </Edited>
  );
}

function InternetFields({ user, gateways, onSaved, save }: Properties & { readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: { internetAccess: user.internetAccess, gatewaysIds: [...user.gatewaysIds], bypass: user.bypass.join('\n') },
    labels: { internetAccess: t('internet.mode'), gatewaysIds: t('internet.through'), bypass: t('internet.bypass') },
    submit: async ({ internetAccess, gatewaysIds, bypass }) => {
      const outcome = await save(
        usedOf({ internetAccess, gatewaysIds, bypass }),
        async (changed) => await writeInternetUser(user, changed),
      );
      const lists = [
        userGroupRoutes.list,
        networkRoutes.list,
        hostRoutes.list,
        internetGatewayRoutes.list,
        networkDetailsRoutes.read,
      ];
      await Promise.all(lists.map(async ({ path }) => await client.invalidateQueries({ queryKey: [path] })));
      if (outcome === 'saved') onSaved();
    },
  });
  const { internetAccess, gatewaysIds } = form.values;
  const valid = form.valid();
  const changed = changesOf(user, valid && usedOf(valid));
  const usedGateways = internetAccess === 'SPLIT_TUNNEL_OFF' ? gatewaysIds : [];
  return (
    <form {...form.form} className={classes.form}>
      <ChoiceCards
        legend={t('internet.choose')}
        value={internetAccess}
        onChange={(mode) => form.set('internetAccess', mode)}
        choices={internetAccessModes.map((value) => ({
          value,
          word: t(`internetModes.${value}`),
          lines: [t(`internet.modes.${value}`)],
        }))}
      />
      {internetAccess === 'SPLIT_TUNNEL_OFF' && (
        <CheckList
          label={t('internet.through')}
          description={gateways.length === 0 ? t('internet.noGateway') : t('internet.throughHelp')}
          choices={gateways.map(({ id, name }) => ({ value: id, label: name }))}
          chosen={gatewaysIds}
          onChange={(chosen) => form.set('gatewaysIds', [...chosen])}
        />
      )}
      {user.kind === 'user-group' && internetAccess !== 'SPLIT_TUNNEL_ON' && (
        <Textarea
          {...form.field('bypass')}
          description={t('internet.bypassHelp')}
          placeholder="192.168.178.0/24"
          rows={3}
          spellCheck={false}
        />
      )}
      <FormFailure failure={form.failure} />
      <Impact trial={changed && tryInternetUser(user, changed)} />
      <div className={classes.buttons}>
        <Button type="submit" loading={form.isSending}>
          {t('internet.save')}
        </Button>
        {user.kind === 'user-group' && (
          <TextLink
            to="/trace"
            search={{
              panel: 'what-if',
              change: changeText({
                kind: 'set-internet-access',
                userGroupId: user.id,
                internetAccess,
                gatewaysIds: [...usedGateways],
              }),
            }}
          >
            {t('internet.see')}
          </TextLink>
        )}
      </div>
    </form>
  );
}

/** What a mode has no use for is refused where it is given. */
function usedOf({ internetAccess, gatewaysIds, bypass }: z.output<typeof asked>) {
  return {
    internetAccess,
    gatewaysIds: internetAccess === 'SPLIT_TUNNEL_OFF' ? gatewaysIds : [],
    bypass: internetAccess === 'SPLIT_TUNNEL_ON' ? [] : bypass,
  };
}
