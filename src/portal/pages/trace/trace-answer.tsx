import { List, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeptTrace } from '../../../contract/api/trace.ts';
import { drawing } from '../../../core/trace/drawing.ts';
import { explain, explainText } from '../../../core/trace/explain.ts';
import { FindingCard } from '../../findings/finding-card.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { HopSteps } from './hop-steps.tsx';
import { shownVerdict } from './shown-verdict.ts';
import { TraceDrawing } from './trace-drawing.tsx';
import { useOpenHop } from './use-open-hop.ts';
import classes from './trace.module.css';

/** TraceAnswer is one trace: the verdict, the drawing with the hop that is open, and what is wrong with what mends it. */
export function TraceAnswer({ trace }: { readonly trace: KeptTrace }) {
  const { t } = useTranslation();
  const { request, verdict, confidence, summary, forward, reverse, findings, remarks, askedAt, revision } = trace;
  const columns = useMemo(
    () =>
      drawing({
        forward,
        reverse,
        destination: { kind: 'host', id: request.destinationAddress, label: request.destinationAddress },
      }),
    [forward, reverse, request.destinationAddress],
  );
  const open = useOpenHop(trace);
  const shown = findings.filter(({ hiddenBy }) => hiddenBy === null);
  const hidden = findings.filter(({ hiddenBy }) => hiddenBy !== null);
  return (
    <article className={classes.answer} aria-label={summary}>
      <header className={classes.verdict}>
        <StateMark state={shownVerdict[verdict]} word={t(`trace.verdicts.${verdict}`)} />
        <Text fw={600}>
          <bdi>{summary}</bdi>
        </Text>
        <Text size="xs" c="dimmed">
          {t(`trace.confidences.${confidence}`)} · <RelativeTime at={askedAt} /> · {t('trace.revision', { revision })}
        </Text>
      </header>
      <TraceDrawing columns={columns} open={open.name} onOpen={open.toggle} />
      {open.hop !== undefined && <HopSteps hop={open.hop} direction={open.direction} now={askedAt} />}
      {remarks.length > 0 && (
        <List size="sm" spacing="xs">
          {remarks.map((remark) => (
            <List.Item key={remark}>{remark}</List.Item>
          ))}
        </List>
      )}
      {shown.map((finding) => (
        <FindingCard
          key={`${finding.code} ${finding.object.id} ${finding.direction ?? ''}`}
          finding={finding}
          traceId={trace.id}
        />
      ))}
      {hidden.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('trace.explained', { codes: hidden.map(({ code }) => code).join(', ') })}
        </Text>
      )}
      <div>
        <CopyButton text={explainText(explain({ forward, reverse }))} label={t('trace.copy')} />
      </div>
    </article>
  );
}
