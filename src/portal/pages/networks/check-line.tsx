import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { NetworkChecks } from '../../../contract/api/network-checks.ts';
import { RelativeTime } from '../../parts/relative-time.tsx';
import type { ShownState } from '../../parts/state-mark.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';

export type Check = NetworkChecks['connectors'][number]['checks'][number];

const shown = { ok: 'up', failed: 'down', unknown: 'unknown', waiting: 'pending' } as const satisfies Record<
  Check['state'],
  ShownState
>;

/** CheckLine is one thing that has to be in order: whether it is, what was seen, and when. What is not leads to what mends it. */
export function CheckLine({ check }: { readonly check: Check }) {
  const { t } = useTranslation();
  const { kind, state, words, at, code } = check;
  return (
    <>
      <StateMark state={shown[state]} word={t(`checks.${kind}.${state}`)} />
      {words !== '' && state !== 'waiting' && (
        <Text size="sm" c="dimmed">
          <bdi>{words}</bdi>
          {at !== null && (
            <>
              {', '}
              <RelativeTime at={at} />
            </>
          )}
        </Text>
      )}
      {code !== null && (
        <div>
          <TextLink to="/problems">{t('checks.mend')}</TextLink>
        </div>
      )}
    </>
  );
}
