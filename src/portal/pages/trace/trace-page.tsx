/** src/portal/pages/trace follows a flow there and back, draws it, and names the machine that drops it (portal.md 4). */
import { Alert, Button, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { traceRoutes } from '../../../contract/api/trace.ts';
import { asking } from '../../api/ask.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { addTexts } from '../../texts/add-texts.ts';
import { enWhatIf } from '../../texts/en-what-if.ts';
import { KeptTraces } from './kept-traces.tsx';
import { TraceAnswer } from './trace-answer.tsx';
import { TraceForm } from './trace-form.tsx';
import { changeText, parseChange } from './what-if-change.ts';
import { WhatIfPanel } from './what-if-panel.tsx';
import { useTracing } from './use-tracing.ts';
import classes from './trace.module.css';

addTexts(enWhatIf);

const route = getRouteApi('/trace');

/** TracePage asks and shows. The question and the answer are in the address: a link shows a colleague the same trace, and sends no packet. */
export function TracePage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/trace' });
  const tracing = useTracing((trace) => {
    const { source, destination, protocol, port } = trace.asked;
    void navigate({ search: { from: source, to: destination, proto: protocol, port: port?.toString(), id: trace.id } });
  });
  const kept = useQuery({ ...asking(traceRoutes.read, { params: { id: search.id ?? '' } }), enabled: search.id !== undefined });
  if (kept.error !== null) return <PageProblem error={kept.error} onRetry={() => void kept.refetch()} />;
  return (
    <Page
      title={t('trace.title')}
      lead={t('trace.lead')}
      actions={
        <>
          <Button
            variant="default"
            onClick={() => void navigate({ search: (before) => ({ ...before, panel: 'what-if' }), resetScroll: false })}
          >
            {t('whatIf.open')}
          </Button>
          {search.id !== undefined && (
            <Button variant="default" onClick={() => tracing.askAgain(search.id ?? '')} disabled={tracing.isAsking}>
              {t('trace.again')}
            </Button>
          )}
        </>
      }
      panel={
        search.panel === undefined ? undefined : (
          <WhatIfPanel
            change={parseChange(search.change)}
            onAsk={(change) =>
              void navigate({ search: (before) => ({ ...before, change: changeText(change) }), resetScroll: false })
            }
            onClose={() =>
              void navigate({ search: ({ panel: _closed, change: _tried, ...others }) => others, resetScroll: false })
            }
          />
        )
      }
    >
      <TraceForm
        key={`${search.from ?? ''} ${search.to ?? ''}`}
        search={search}
        isAsking={tracing.isAsking}
        onAsk={tracing.ask}
      />
      <FormFailure failure={tracing.failure} />
      {tracing.isAsking ? (
        <Alert variant="outline" role="status" icon={<Loader size="xs" />} className={classes.progress}>
          {tracing.progress.length === 0 ? (
            <Text size="sm">{t('trace.asking')}</Text>
          ) : (
            tracing.progress.map((line, index) => (
              <Text size="sm" key={`${String(index)} ${line}`}>
                {line}
              </Text>
            ))
          )}
        </Alert>
      ) : search.id === undefined ? (
        <KeptTraces />
      ) : kept.data === undefined ? (
        <PageLoader />
      ) : (
        <TraceAnswer trace={kept.data} />
      )}
    </Page>
  );
}
