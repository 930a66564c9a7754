import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImpactAnswer, impactAnswer } from '../../contract/api/impact.ts';
import { dryRunOf } from '../../contract/api/impact.ts';
import type { RouteShape } from '../../contract/api/route.ts';
import { ApiError } from '../api/api-error.ts';
import type { AskingArguments } from '../api/call.ts';
import { callUntil } from '../api/call.ts';
import formClasses from './form.module.css';
import { useSettled } from './use-settled.ts';

/** Trial is a change that could be sent, as a question what it would do. */
export type Trial = { readonly key: string; readonly ask: (signal: AbortSignal) => Promise<ImpactAnswer> };

/** Routes that can be tried out. */
type Tryable = RouteShape & { readonly dryRun: true };

/** trialOf asks what exactly this call would do. */
export function trialOf<const Shape extends Tryable>(shape: Shape, ...parts: AskingArguments<Shape>): Trial {
  const tried = dryRunOf<RouteShape>(shape) as TriedShape;
  return {
    key: JSON.stringify([tried.method, tried.path, ...parts]),
    // Of the route that is tried the same is asked (dryRunOf), which the compiler cannot follow.
    ask: async (signal) => await callUntil(tried, signal, ...(parts as unknown as AskingArguments<TriedShape>)),
  };
}

type TriedShape = RouteShape & { readonly answer: typeof impactAnswer };

/** Nobody is asked for each letter. */
const typing_ms = 400;

const refusals: ReadonlySet<number> = new Set([400, 403, 404, 409]);

type Properties = {
  /** Undefined while there is nothing to save. */
  readonly trial: Trial | undefined;
};

/** Impact stands beside what saves or destroys, and says what that does to live traffic; nothing where nothing would change. */
export function Impact({ trial }: Properties) {
  const { t } = useTranslation();
  const title = useId();
  const settled = useSettled(trial?.key, typing_ms);
  const { data, error } = useQuery({
    queryKey: ['impact', trial?.key],
    queryFn: async ({ signal }) => await trial?.ask(signal),
    enabled: trial !== undefined && settled === trial.key,
    // What is connected changes: it is asked each time, and never shown from before.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const told = trial === undefined || data === undefined || !data.changes ? [] : data.sentences;
  // What the controller refuses it refuses again when it is sent, under the right field.
  const isUnknown = trial !== undefined && error instanceof ApiError && !refusals.has(error.status);
  return (
    <div role="status" aria-labelledby={title} className={formClasses.impact}>
      <Text id={title} size="sm" fw={500} hidden={told.length === 0 && !isUnknown}>
        {t('impact.title')}
      </Text>
      {told.length > 0 && (
        <ul>
          {told.map((sentence) => (
            <li key={sentence}>
              <bdi>{sentence}</bdi>
            </li>
          ))}
        </ul>
      )}
      {isUnknown && <Text size="sm">{t('impact.unknown')}</Text>}
    </div>
  );
}
