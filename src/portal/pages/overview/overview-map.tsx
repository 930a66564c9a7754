import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MapColumn, MapLayout, PlacedCard } from '../../../core/map-layout.ts';
import { mapColumns } from '../../../core/map-layout.ts';
import { ObjectName } from '../../parts/object-name.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { geometryOf, lineWidth, narrowestMap } from './map-geometry.ts';
import { edgeKey, litBy } from './map-light.ts';
import type { OverviewMap } from './map-objects.ts';
import classes from './map.module.css';
import type { CardWords } from './use-card-words.ts';

type Properties = {
  readonly map: OverviewMap;
  readonly layout: MapLayout;
  readonly width: number;
  /** How many of the column are online, where that can be said. */
  readonly counts: Partial<Readonly<Record<MapColumn, { readonly some: number; readonly all: number }>>>;
  readonly words: (card: PlacedCard) => CardWords;
  /** The card whose panel is open. */
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
};

/** Of a card, in pixels: below it the head of a column is its name alone. */
const roomForCounts = 200;

/** In which edges are drawn: what works lies on what does not, since they share the line of their region. */
const drawn = ['down', 'standby', 'degraded', 'up'] as const;

/** OverviewMap draws the layout. What the pointer or the focus is on lights up with the flows through it, and so does the card that is open. */
export function OverviewMapDrawing({ map, layout, width, counts, words, chosen, onChoose }: Properties) {
  const { t } = useTranslation();
  const [pointed, setPointed] = useState<string | undefined>(undefined);
  const { cards, edges } = layout;
  const { cardWidth, height, columns, places, paths } = geometryOf(layout, Math.max(width, narrowestMap));
  const about = pointed ?? chosen;
  const lit = cards.some(({ id }) => id === about) ? litBy(about ?? '', cards, edges, map.leavesBy) : undefined;
  const lines = edges
    .map((edge, index) => ({ edge, path: paths[index] ?? '', isLit: lit?.edges.has(edgeKey(edge)) === true }))
    .toSorted((a, b) => Number(a.isLit) - Number(b.isLit) || drawn.indexOf(a.edge.state) - drawn.indexOf(b.edge.state));
  return (
    <div className={classes.scroll} role="group" aria-label={t('map.title')}>
      <div
        className={classes.map}
        data-lit={lit === undefined ? undefined : true}
        data-pointed={pointed === undefined ? undefined : true}
      >
        <div className={classes.heads} aria-hidden="true">
          {mapColumns.map((column, index) => (
            <span key={column} style={{ left: columns[index], width: cardWidth }}>
              <b>{t(`map.columns.${column}`)}</b>
              {counts[column] !== undefined && cardWidth >= roomForCounts && <i>{t('map.counts.online', counts[column])}</i>}
            </span>
          ))}
        </div>
        <div className={classes.drawing} style={{ height }} onPointerLeave={() => setPointed(undefined)}>
          <svg className={classes.edges} width="100%" height={height} aria-hidden="true">
            {lines.map(({ edge, path, isLit }) => (
              <path
                key={edgeKey(edge)}
                d={path}
                strokeWidth={lineWidth(edge)}
                data-state={edge.state}
                data-lit={isLit || undefined}
              />
            ))}
          </svg>
          {cards.map((card) => {
            const { id, state, group } = card;
            const { kind, name, address, word } = words(card);
            const { x, y } = places.get(id) ?? { x: 0, y: 0 };
            return (
              <UnstyledButton
                key={id}
                className={classes.card}
                style={{ left: x, top: y, width: cardWidth }}
                data-state={state}
                data-lit={lit?.cards.has(id) || undefined}
                data-stack={group === null ? undefined : true}
                aria-pressed={chosen === id}
                title={name}
                onClick={() => onChoose(id)}
                onPointerEnter={() => setPointed(id)}
                onFocus={() => setPointed(id)}
                onBlur={() => setPointed(undefined)}
              >
                <span className={classes.kind}>{kind}</span>
                <span className={classes.name}>
                  <ObjectName name={name} />
                </span>
                <span className={classes.facts}>
                  <StateMark state={state} word={word} />
                  {address !== '' && <code>{address}</code>}
                </span>
              </UnstyledButton>
            );
          })}
        </div>
      </div>
    </div>
  );
}
