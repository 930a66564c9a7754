/** src/portal/findings is how something that is wrong is shown, wherever it was found, and mended where a connector may do it. */
import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FindingAnswer } from '../../contract/api/trace.ts';
import { CommandBlock } from '../parts/command-block.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import type { ShownState } from '../parts/state-mark.tsx';
import { ApplyFix } from './apply-fix.tsx';
import classes from './finding.module.css';

const marks = { error: 'down', warning: 'degraded', info: 'unknown' } as const satisfies Record<
  FindingAnswer['severity'],
  ShownState
>;

type Properties = {
  readonly finding: FindingAnswer;
  /** The trace that found it, which is run again after a fix. */
  readonly traceId?: string;
};

/** FindingCard says what is wrong, why, and what mends it: the better fix is open, others beside it are a click away. */
export function FindingCard({ finding, traceId }: Properties) {
  const { t } = useTranslation();
  const { severity, title, explanation, quote, code, tutorial, fixes } = finding;
  return (
    <article className={classes.finding}>
      <header className={classes.head}>
        <StateMark state={marks[severity]} word={t(`findings.severities.${severity}`)} />
        <code className={classes.code}>{[code, ...tutorial].join(' ')}</code>
      </header>
      <Title order={2}>
        <bdi>{title}</bdi>
      </Title>
      <Text size="sm">
        <bdi>{explanation}</bdi>
      </Text>
      {quote !== null && <CommandBlock text={quote} label={t('findings.quote')} />}
      {fixes.map((fix, index) => (
        <details key={`${String(index)} ${fix.title}`} className={classes.fix} open={index === 0}>
          <summary>
            <Text component="span" fw={600} size="sm">
              {fixes.length > 1 ? t('findings.oneOf', { number: index + 1, all: fixes.length, title: fix.title }) : fix.title}
            </Text>
          </summary>
          <Text size="sm" c="dimmed">
            <bdi>{fix.where}</bdi>
            {fix.betterWhen !== '' && ` · ${t('findings.betterWhen', { when: fix.betterWhen })}`}
          </Text>
          {fix.commands.length > 0 && <CommandBlock text={fix.commands.join('\n')} label={fix.title} />}
          {fix.console.length > 0 && (
            <ol className={classes.console}>
              {fix.console.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ol>
          )}
          {fix.terraform !== null && <CommandBlock text={fix.terraform.trimEnd()} label="Terraform" />}
          {fix.risk !== '' && (
            <Text size="sm">
              <b>{t('findings.risk')}</b> {fix.risk}
            </Text>
          )}
          <Lines title={t('findings.verify')} lines={fix.verify} />
          <Lines title={t('findings.undo')} lines={fix.undo} />
          {fix.canApply === 'agent' && <ApplyFix finding={finding} {...(traceId === undefined ? {} : { traceId })} />}
        </details>
      ))}
    </article>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div className={classes.lines}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <CommandBlock text={lines.join('\n')} label={title} />
    </div>
  );
}
