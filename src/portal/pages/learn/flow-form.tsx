import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { traceRoutes } from '../../../contract/api/trace.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import type { FlowEnds } from './flow-ends.ts';
import type { LearnFlow } from './learn-search.ts';
import classes from './learn.module.css';

type Properties = { readonly flow: LearnFlow; readonly ends: Extract<FlowEnds, { kind: 'possible' }> };

const route = getRouteApi('/learn');

/** FlowForm chooses between whom the flow is shown. It is a trace that sends no packet: what nobody knows is taken for granted, and said to be. */
export function FlowForm({ flow, ends }: Properties) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const [source, setSource] = useState(ends.sources[0] ?? '');
  const [destination, setDestination] = useState(ends.destinations[0] ?? '');
  const ask = useMutation({
    mutationFn: async () => await call(traceRoutes.ask, { body: { source, destination, probe: 'never' } }),
    onSuccess: async (trace) => {
      client.setQueryData([traceRoutes.read.path, { id: trace.id }, {}], trace);
      await navigate({ search: { flow, id: trace.id, step: 1 } });
    },
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <NativeSelect
        label={t('learn.from')}
        value={source}
        data={[...ends.sources]}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      <NativeSelect
        label={t('learn.to')}
        value={destination}
        data={[...ends.destinations]}
        onChange={(event) => setDestination(event.currentTarget.value)}
      />
      <Button type="submit" loading={ask.isPending}>
        {t('learn.show')}
      </Button>
      <FormFailure failure={ask.error instanceof ApiError ? ask.error : undefined} />
    </form>
  );
}
