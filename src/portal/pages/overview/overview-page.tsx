/** src/portal/pages/overview is the first page: what needs attention, the map, and what to do first where there is nothing yet. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../../contract/api/overview.ts';
import { overviewRoutes } from '../../../contract/api/overview.ts';
import { layoutMap } from '../../../core/map-layout.ts';
import { asking } from '../../api/ask.ts';
import { useSession } from '../../app/session-context.ts';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { LastHour } from '../../traffic/last-hour.tsx';
import { findingsQuery, openProblems } from '../problems/findings-query.ts';
import { Attention } from './attention.tsx';
import { CardPanel } from './card-panel.tsx';
import { FirstSteps } from './first-steps.tsx';
import { LastEvents } from './last-events.tsx';
import { mapOf } from './map-objects.ts';
import { narrowestMap } from './map-geometry.ts';
import { openedGroups } from './opened-groups.ts';
import { OverviewList } from './overview-list.tsx';
import { OverviewMapDrawing } from './overview-map.tsx';
import classes from './overview.module.css';
import { useCardWords } from './use-card-words.ts';
import { useWidth } from './use-width.ts';

/** Who is online and how much goes through is told by no event. */
const every_ms = 15_000;

const route = getRouteApi('/');

export function OverviewPage() {
  const { t } = useTranslation();
  const { wpc } = useSession();
  const { view, card: chosen, open } = route.useSearch();
  const navigate = route.useNavigate();
  const [element, width] = useWidth();
  const findings = useQuery(findingsQuery);
  const { data, error, refetch } = useQuery({ ...asking(overviewRoutes.read), refetchInterval: every_ms });
  const map = data === undefined ? undefined : mapOf(data);
  const objects = new Map(map?.objects.map((object) => [object.id, object]));
  const words = useCardWords(objects);
  if (error !== null && data === undefined) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (data === undefined || map === undefined) return <PageLoader />;

  const { networks, hosts, connectors, connectorsOnline, users } = data.counts;
  const steps = { hasNetwork: networks + hosts > 0, hasConnector: connectorsOnline > 0, hasPerson: (users ?? 0) > 1 };
  const opened = openedGroups(open);
  const layout = layoutMap(map.objects, map.edges, { open: new Set(opened) });
  const shown = view ?? (width !== undefined && width < narrowestMap ? 'list' : 'map');
  const problems = findings.data === undefined ? [] : openProblems(findings.data);
  const keep = { resetScroll: false } as const;
  const choose = (id: string | undefined): void =>
    void navigate({ ...keep, search: (before) => ({ ...before, card: id === chosen ? undefined : id }) });
  const setOpened = (ids: readonly string[]): void => {
    const next = ids.length === 0 ? undefined : JSON.stringify(ids);
    void navigate({ ...keep, search: (before) => ({ ...before, open: next, card: undefined }) });
  };
  return (
    <Page
      title={t('overview.title')}
      lead={<bdi>{wpc.name}</bdi>}
      actions={
        steps.hasNetwork && (
          <>
            {opened.length > 0 && (
              <Button variant="default" onClick={() => setOpened([])}>
                {t('map.fold')}
              </Button>
            )}
            <Button
              variant="default"
              onClick={() =>
                void navigate({ ...keep, search: (before) => ({ ...before, view: shown === 'map' ? 'list' : 'map' }) })
              }
            >
              {shown === 'map' ? t('map.asList') : t('map.asMap')}
            </Button>
          </>
        )
      }
      panel={
        chosen === undefined ? undefined : (
          <CardPanel
            card={layout.cards.find(({ id }) => id === chosen)}
            objects={objects}
            overview={data}
            problems={problems}
            words={words}
            onChoose={choose}
            onOpen={(id) => setOpened([...opened, id])}
            onClose={() => choose(undefined)}
          />
        )
      }
    >
      <Attention problems={problems} overview={data} />
      {Object.values(steps).includes(false) && <FirstSteps {...steps} />}
      <div ref={element} className={classes.whole}>
        {steps.hasNetwork && width !== undefined && shown === 'map' && (
          <OverviewMapDrawing
            map={map}
            layout={layout}
            width={width}
            counts={{ ...peopleCount(data), site: { some: connectorsOnline, all: connectors } }}
            words={words}
            chosen={chosen}
            onChoose={choose}
          />
        )}
        {steps.hasNetwork && width !== undefined && shown === 'list' && (
          <OverviewList layout={layout} words={words} onChoose={choose} />
        )}
      </div>
      {steps.hasNetwork && <LastHour />}
      <LastEvents />
    </Page>
  );
}

function peopleCount({ groups }: Overview): { readonly people?: { readonly some: number; readonly all: number } } {
  if (groups === null) return {};
  const sum = (counted: (group: NonNullable<Overview['groups']>[number]) => number) =>
    groups.reduce((total, group) => total + counted(group), 0);
  return { people: { some: sum(({ peopleOnline }) => peopleOnline), all: sum(({ people }) => people) } };
}
