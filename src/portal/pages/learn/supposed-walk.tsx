import { NativeSelect, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Network } from '../../../contract/api/network.ts';
import type { KeptTrace } from '../../../contract/api/trace.ts';
import { whatIfRoutes } from '../../../contract/api/what-if.ts';
import type { Supposition } from '../../../core/trace/supposition.ts';
import { suppositionsFor } from '../../../core/trace/supposition.ts';
import { ApiError } from '../../api/api-error.ts';
import { callUntil } from '../../api/call.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import classes from './learn.module.css';
import { WalkThrough } from './walk-through.tsx';

const route = getRouteApi('/learn');

/** More than any flow has hops: the walk opens where the packet ends. */
const last = 99;

type Properties = { readonly trace: KeptTrace; readonly networks: readonly Network[] };

/** SupposedWalk is the walk through a flow with a switch that takes away what the flow needs, and shows where the packet then ends. */
export function SupposedWalk({ trace, networks }: Properties) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const possible = suppositionsFor(trace);
  const { suppose: asked } = route.useSearch();
  const suppose = asked !== undefined && possible.includes(asked) ? asked : undefined;
  const supposed = useQuery({
    queryKey: [whatIfRoutes.suppose.path, trace.id, suppose],
    queryFn: async ({ signal }) =>
      suppose === undefined ? null : await callUntil(whatIfRoutes.suppose, signal, { body: { traceId: trace.id, suppose } }),
    enabled: suppose !== undefined,
    retry: false,
  });
  const shown = suppose === undefined ? trace : supposed.data && { ...trace, ...supposed.data };
  return (
    <>
      {possible.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('learn.endsAlready')}
        </Text>
      ) : (
        <NativeSelect
          className={classes.suppose}
          label={t('learn.suppose')}
          description={t('learn.supposeHelp')}
          value={suppose ?? ''}
          data={[
            { value: '', label: t('learn.asItIs') },
            ...possible.map((value) => ({ value, label: t(`learn.suppositions.${value}`) })),
          ]}
          onChange={({ currentTarget: { value } }) => {
            const chosen = value === '' ? undefined : (value as Supposition);
            void navigate({
              search: (before) => ({ ...before, suppose: chosen, step: chosen === undefined ? 1 : last }),
              replace: true,
              resetScroll: false,
            });
          }}
        />
      )}
      <FormFailure failure={supposed.error instanceof ApiError ? supposed.error : undefined} />
      {shown !== undefined && shown !== null && (
        <WalkThrough key={suppose ?? ''} trace={shown} networks={networks} isSupposed={suppose !== undefined} />
      )}
      {shown === undefined && supposed.error === null && <PageLoader />}
    </>
  );
}
