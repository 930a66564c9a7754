import { Button, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Network } from '../../../contract/api/network.ts';
import type { KeptTrace } from '../../../contract/api/trace.ts';
import { drawing } from '../../../core/trace/drawing.ts';
import type { ExplainedHop } from '../../../core/trace/explain.ts';
import { explain, packetText } from '../../../core/trace/explain.ts';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { shownVerdict } from '../trace/shown-verdict.ts';
import { TraceDrawing } from '../trace/trace-drawing.tsx';
import { hopName } from '../trace/use-open-hop.ts';
import { changeText } from '../trace/what-if-change.ts';
import classes from './learn.module.css';

const route = getRouteApi('/learn');

type Properties = {
  readonly trace: KeptTrace;
  readonly networks: readonly Network[];
  /** It is walked with something taken to be otherwise, so what could be changed is not offered. */
  readonly isSupposed: boolean;
};

/** WalkThrough goes through a trace hop by hop: there, and back. The hop that is told stands out in the drawing; a click in it goes there. */
export function WalkThrough({ trace, networks, isSupposed }: Properties) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const { step = 1 } = route.useSearch();
  const { forward, reverse, request, verdict, summary, asked } = trace;
  const hops = useMemo(() => explain({ forward, reverse }), [forward, reverse]);
  const columns = useMemo(
    () =>
      drawing({
        forward,
        reverse,
        destination: { kind: 'host', id: request.destinationAddress, label: request.destinationAddress },
      }),
    [forward, reverse, request.destinationAddress],
  );
  const number = Math.min(step, hops.length);
  const hop = hops[number - 1];
  const goTo = (to: number) => {
    if (to < 1 || to > hops.length) return;
    void navigate({ search: (before) => ({ ...before, step: to }), replace: true, resetScroll: false });
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof Element && event.target.closest('input, select, textarea') !== null;
      if (isTyping || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.key === 'ArrowRight') goTo(number + 1);
      if (event.key === 'ArrowLeft') goTo(number - 1);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a small screen the drawing is wider than what is seen of it.
    element.current?.querySelector('[aria-expanded="true"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [number]);
  const other = isSupposed ? undefined : otherNat(hops, networks);
  const [cause] = isSupposed ? trace.findings : [];
  return (
    <article ref={element} className={classes.walk} aria-label={summary}>
      <StateMark state={shownVerdict[verdict]} word={`${t(`trace.verdicts.${verdict}`)}: ${summary}`} />
      {cause !== undefined && (
        <Text size="sm">
          <code>{cause.code}</code> <bdi>{cause.title}</bdi>
        </Text>
      )}
      <TraceDrawing
        columns={columns}
        open={hop === undefined ? undefined : nameOf(hop, forward.hops.length)}
        onOpen={(name) => goTo(Number(name.slice(1)) + 1 + (name.startsWith('r') ? forward.hops.length : 0))}
      />
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => goTo(number - 1)} disabled={number <= 1}>
          {t('learn.previous')}
        </Button>
        <Button onClick={() => goTo(number + 1)} disabled={number >= hops.length}>
          {t('learn.next')}
        </Button>
        <Text size="sm" c="dimmed">
          {t('learn.keys')}
        </Text>
      </div>
      <div role="status" className={classes.told}>
        {hop !== undefined && <ToldHop hop={hop} all={hops.length} />}
      </div>
      <TextLink
        to="/trace"
        search={{ from: asked.source, to: asked.destination, proto: asked.protocol, port: asked.port?.toString(), id: trace.id }}
      >
        {t('learn.toTrace')}
      </TextLink>
      {other !== undefined && (
        <TextLink to="/trace" search={{ panel: 'what-if', change: changeText(other) }}>
          {t(`learn.without.${other.nat}`)}
        </TextLink>
      )}
    </article>
  );
}

/** otherNat is the change that the API can try on what this flow shows: the last connector's network with NAT, or without. */
function otherNat(hops: readonly ExplainedHop[], networks: readonly Network[]) {
  const hop = hops.findLast(({ direction, node }) => direction === 'forward' && node.kind === 'connector');
  const network = networks.find(({ connectors }) => connectors.some(({ id }) => hop?.node.id === `connector:${id}`));
  if (hop === undefined || network === undefined || hop.leaves === null) return undefined;
  const isTranslated = hop.leaves.source !== hop.arrives.source;
  return { kind: 'set-nat', networkId: network.id, nat: isTranslated ? 'routed' : 'masquerade' } as const;
}

function nameOf({ direction, number }: ExplainedHop, there: number): string {
  return hopName(direction, direction === 'forward' ? number - 1 : number - 1 - there);
}

function ToldHop({ hop, all }: { readonly hop: ExplainedHop; readonly all: number }) {
  const { t } = useTranslation();
  const { number, direction, node, arrives, leaves, change, decisions, tutorial } = hop;
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('learn.step', { number, all })} · {t(`trace.lanes.${direction}`)} · {t(`trace.kinds.${node.kind}`)}
      </Text>
      <Title order={2}>
        <bdi>{node.label}</bdi>
      </Title>
      {tutorial.length > 0 && (
        <ul className={classes.meaning} aria-label={t('learn.means')}>
          {tutorial.map(({ step, text }) => (
            <li key={step}>
              <code>{step}</code> {text}
            </li>
          ))}
        </ul>
      )}
      <dl className={classes.packets}>
        <dt>{t('learn.arrives')}</dt>
        <dd>
          <code>{packetText(arrives)}</code>
        </dd>
        {leaves !== null && (
          <>
            <dt>{t('learn.leaves')}</dt>
            <dd>
              <code>{packetText(leaves)}</code>
            </dd>
          </>
        )}
      </dl>
      <ul className={classes.decisions}>
        {change !== null && (
          <li>
            <b>{t('learn.changed')}</b> <bdi>{change}</bdi>
          </li>
        )}
        {decisions.map((decision) => (
          <li key={decision}>
            <bdi>{decision}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}
