import { Alert, Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { traceRoutes } from '../../contract/api/trace.ts';
import type { FindingAnswer } from '../../contract/api/trace.ts';
import { ApiError } from '../api/api-error.ts';
import { call } from '../api/call.ts';
import { CommandBlock } from '../parts/command-block.tsx';
import { FormFailure } from '../parts/form-failure.tsx';
import { TextLink } from '../parts/text-link.tsx';
import { connectorOf } from './connector-of.ts';
import classes from './finding.module.css';

type Properties = { readonly finding: FindingAnswer; readonly traceId?: string };

/** ApplyFix has the connector's agent do the fix after one more question, and shows what it says and whether that helped. */
export function ApplyFix({ finding, traceId }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const connector = connectorOf(finding);
  const applying = useMutation({
    mutationFn: async (connectorId: string) =>
      await call(traceRoutes.apply, {
        body: { code: finding.code, connectorId, ...(traceId === undefined ? {} : { traceId }) },
      }),
    onSuccess: async () => await client.invalidateQueries({ queryKey: [traceRoutes.findings.path] }),
  });
  if (connector === undefined) return null;
  const { name } = connector;
  const done = applying.data;
  if (done !== undefined) {
    const outcome = !done.done ? 'refused' : done.remains === true ? 'remains' : done.remains === null ? 'unseen' : 'helped';
    return (
      <Alert variant="outline" role="status" color={outcome === 'helped' ? 'indigo' : 'red'}>
        <Text size="sm">
          {t(`findings.outcomes.${outcome}`, { name })} <bdi>{done.words}</bdi>
        </Text>
        {done.undo.length > 0 && <CommandBlock text={done.undo.join('\n')} label={t('findings.undo')} />}
        {done.trace !== null && (
          <TextLink to="/trace" search={{ id: done.trace.id, from: done.trace.asked.source, to: done.trace.asked.destination }}>
            {t('findings.toTrace')}
          </TextLink>
        )}
      </Alert>
    );
  }
  return (
    <div className={classes.apply}>
      {isAsked ? (
        <>
          <Button onClick={() => applying.mutate(connector.id)} loading={applying.isPending}>
            {t('findings.confirm', { name })}
          </Button>
          <Button variant="default" onClick={() => setAsked(false)} disabled={applying.isPending}>
            {t('cancel')}
          </Button>
        </>
      ) : (
        <Button variant="default" onClick={() => setAsked(true)}>
          {t('findings.apply', { name })}
        </Button>
      )}
      <FormFailure failure={applying.error instanceof ApiError ? applying.error : undefined} />
    </div>
  );
}
