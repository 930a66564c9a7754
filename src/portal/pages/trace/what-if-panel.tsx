import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { networkRoutes } from '../../../contract/api/network.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import type { ProposedChange } from '../../../contract/api/what-if.ts';
import { whatIfRoutes } from '../../../contract/api/what-if.ts';
import { ApiError } from '../../api/api-error.ts';
import { askingAll } from '../../api/ask-all.ts';
import { callUntil } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { ChangeEffect } from './change-effect.tsx';
import { changeText } from './what-if-change.ts';
import { WhatIfForm } from './what-if-form.tsx';

type Properties = {
  /** From the address, so that a link shows the same. */
  readonly change: ProposedChange | undefined;
  readonly onAsk: (change: ProposedChange) => void;
  readonly onClose: () => void;
};

/** WhatIfPanel tries a change: what is asked above, and which verdicts would be others below. */
export function WhatIfPanel({ change, onAsk, onClose }: Properties) {
  const { t } = useTranslation();
  const networks = useQuery(askingAll(networkRoutes.list));
  const groups = useQuery(askingAll(userGroupRoutes.list));
  const effect = useQuery({
    queryKey: [whatIfRoutes.ask.path, change === undefined ? '' : changeText(change)],
    queryFn: async ({ signal }) =>
      await callUntil(whatIfRoutes.ask, signal, { body: { changes: change === undefined ? [] : [change] } }),
    enabled: change !== undefined,
  });
  return (
    <Panel title={t('whatIf.title')} onClose={onClose}>
      <Text size="sm" c="dimmed">
        {t('whatIf.lead')}
      </Text>
      {networks.data === undefined || groups.data === undefined ? (
        <PageLoader />
      ) : (
        <WhatIfForm
          key={change === undefined ? '' : changeText(change)}
          change={change}
          networks={networks.data}
          groups={groups.data}
          isAsking={effect.isFetching}
          onAsk={(asked) => {
            if (change !== undefined && changeText(asked) === changeText(change)) void effect.refetch();
            else onAsk(asked);
          }}
        />
      )}
      <FormFailure failure={effect.error instanceof ApiError ? effect.error : undefined} />
      <div role="status">
        {effect.isFetching && <Text size="sm">{t('whatIf.comparing')}</Text>}
        {effect.data !== undefined && !effect.isFetching && <ChangeEffect effect={effect.data} />}
      </div>
      {effect.data !== undefined && change !== undefined && <WhereToMake change={change} />}
    </Panel>
  );
}

function WhereToMake({ change }: { readonly change: ProposedChange }) {
  const { t } = useTranslation();
  const text = t('whatIf.make');
  switch (change.kind) {
    case 'set-nat':
      return (
        <TextLink to="/networks/$id" params={{ id: change.networkId }} search={{ tab: 'lan' }}>
          {text}
        </TextLink>
      );
    case 'add-prefix':
    case 'remove-prefix':
      return (
        <TextLink to="/networks/$id" params={{ id: change.networkId }} search={{ tab: 'subnets' }}>
          {text}
        </TextLink>
      );
    case 'set-internet-access':
      return (
        <TextLink to="/internet" search={{ change: `user-group:${change.userGroupId}` }}>
          {text}
        </TextLink>
      );
    case 'add-network':
      return (
        <TextLink to="/networks" search={{ panel: 'add' }}>
          {text}
        </TextLink>
      );
  }
}
