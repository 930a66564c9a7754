import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../../contract/api/overview.ts';
import type { FindingAnswer } from '../../../contract/api/trace.ts';
import { ApplyFix } from '../../findings/apply-fix.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import classes from './overview.module.css';

type Properties = { readonly problems: readonly FindingAnswer[]; readonly overview: Overview };

/** As many as leave the map in view. */
const most = 4;

/** Attention says what wants something done, the worst first: a sentence each, with what mends it. */
export function Attention({ problems, overview }: Properties) {
  const { t } = useTranslation();
  if (problems.length === 0) return null;
  return (
    <section className={classes.attention} aria-labelledby="attention">
      <Title order={2} id="attention">
        {t('attention.title')}
      </Title>
      <ul>
        {problems.slice(0, most).map((finding) => (
          <li key={`${finding.code} ${finding.object.id} ${finding.direction ?? ''}`}>
            <StateMark
              state={finding.severity === 'error' ? 'down' : 'degraded'}
              word={t(`findings.severities.${finding.severity}`)}
            />
            <bdi>{finding.title}</bdi>
            <Action finding={finding} overview={overview} />
          </li>
        ))}
      </ul>
      {problems.length > most && <TextLink to="/problems">{t('attention.all', { count: problems.length })}</TextLink>}
    </section>
  );
}

function Action({ finding, overview }: { readonly finding: FindingAnswer; readonly overview: Overview }) {
  const { t } = useTranslation();
  const { code, object, fixes } = finding;
  const network = overview.networks?.find(
    ({ id, connectors }) => id === object.id || connectors.some((connector) => connector.id === object.id),
  );
  if (code === 'CON-OFFLINE' && object.kind === 'connector' && network !== undefined)
    return (
      <TextLink to="/networks/$id" params={{ id: network.id }} search={{ panel: 'install', connector: object.id }}>
        {t('attention.install')}
      </TextLink>
    );
  if (fixes[0]?.canApply === 'agent') return <ApplyFix finding={finding} />;
  return <TextLink to="/problems">{t('attention.fix')}</TextLink>;
}
