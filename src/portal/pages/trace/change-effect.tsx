import { Text, Title } from '@mantine/core';
import type { z } from 'zod';
import { useTranslation } from 'react-i18next';
import type { changeEffect } from '../../../contract/api/what-if.ts';
import { StateMark } from '../../parts/state-mark.tsx';
import { shownVerdict } from './shown-verdict.ts';
import classes from './what-if.module.css';

type Effect = z.output<typeof changeEffect>;
type Pair = Effect['breaks'][number];

/** Of each kind; more than these nobody reads. */
const most = 50;

/** ChangeEffect shows which flows a change breaks and opens: the verdict now beside the one with the change. */
export function ChangeEffect({ effect }: { readonly effect: Effect }) {
  const { t } = useTranslation();
  const { breaks, opens, others, checked, revision } = effect;
  const isNothing = breaks.length + opens.length + others.length === 0;
  return (
    <div className={classes.effect}>
      {checked > 0 && isNothing && <StateMark state="up" word={t('whatIf.nothingChanges')} />}
      {(['breaks', 'opens', 'others'] as const).map((kind) =>
        effect[kind].length === 0 ? null : (
          <section key={kind} className={classes.pairs}>
            <Title order={3}>{t(`whatIf.${kind}`, { count: effect[kind].length })}</Title>
            <ul>
              {effect[kind].slice(0, most).map((pair) => (
                <PairLine key={`${pair.userGroupId} ${pair.address}`} pair={pair} />
              ))}
            </ul>
            {effect[kind].length > most && <Text size="sm">{t('whatIf.more', { count: effect[kind].length - most })}</Text>}
          </section>
        ),
      )}
      <Text size="xs" c="dimmed">
        {checked === 0 ? t('whatIf.nothingChecked') : t('whatIf.checked', { count: checked, revision })}
      </Text>
    </div>
  );
}

function PairLine({ pair }: { readonly pair: Pair }) {
  const { t } = useTranslation();
  const { userGroupName, destination, address, protocol, port, before, after } = pair;
  return (
    <li className={classes.pair}>
      <Text size="sm">
        <bdi>{userGroupName}</bdi> → <bdi>{destination.label}</bdi>
      </Text>
      <code>
        {address} {protocol.toUpperCase()} {port}
      </code>
      <dl className={classes.verdicts}>
        <div>
          <dt>{t('whatIf.now')}</dt>
          <dd>
            <StateMark
              state={before === null ? 'down' : shownVerdict[before]}
              word={before === null ? t('whatIf.notBefore') : t(`trace.verdicts.${before}`)}
            />
          </dd>
        </div>
        <div>
          <dt>{t('whatIf.after')}</dt>
          <dd>
            <StateMark state={shownVerdict[after]} word={t(`trace.verdicts.${after}`)} />
          </dd>
        </div>
      </dl>
    </li>
  );
}
