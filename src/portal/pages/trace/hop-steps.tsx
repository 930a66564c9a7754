import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ageInWords } from '../../../core/age-in-words.ts';
import { stages } from '../../../core/trace/words.ts';
import type { Direction, StepResult } from '../../../core/trace/words.ts';
import { StateMark } from '../../parts/state-mark.tsx';
import type { ShownState } from '../../parts/state-mark.tsx';
import type { TracedHop } from './use-open-hop.ts';
import classes from './trace.module.css';

type Properties = {
  readonly hop: TracedHop;
  readonly direction: Direction;
  /** When the trace was asked: ages are of then. */
  readonly now: string;
};

const marks = {
  pass: 'up',
  change: 'up',
  drop: 'down',
  assumed: 'unknown',
  unknown: 'unknown',
} as const satisfies Record<StepResult, ShownState>;

/** HopSteps are the decisions of one machine about the packet, each with what it follows from. */
export function HopSteps({ hop, direction, now }: Properties) {
  const { t } = useTranslation();
  const { node, steps, tutorial } = hop;
  return (
    <section className={classes.steps} aria-labelledby="hop">
      <Title order={2} id="hop">
        <bdi>{node.label}</bdi>
        <Text component="span" size="sm" c="dimmed" fw={400}>
          {' '}
          {t(`trace.kinds.${node.kind}`)} · {t(`trace.lanes.${direction}`)}
          {tutorial.length > 0 && ` · ${tutorial.join(' ')}`}
        </Text>
      </Title>
      <ol>
        {steps.map((step, index) => (
          <li key={`${String(index)} ${step.stage}`}>
            <StateMark state={marks[step.result]} word={t(`trace.results.${step.result}`)} />
            <div className={classes.stepText}>
              <Text size="sm">
                <bdi>{step.detail}</bdi>
              </Text>
              {step.quote !== null && <code className={classes.quote}>{step.quote}</code>}
            </div>
            <span className={classes.evidence} title={stages[step.stage]}>
              {step.stage} · {t(`trace.evidences.${step.evidence}`)}
              {step.observedAt !== null && ` ${ageInWords(Date.parse(now) - Date.parse(step.observedAt))}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
