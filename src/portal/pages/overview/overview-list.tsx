import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MapLayout, PlacedCard } from '../../../core/map-layout.ts';
import { ObjectName } from '../../parts/object-name.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import { formatRate } from '../../traffic/format-bytes.ts';
import classes from './overview.module.css';
import type { CardWords } from './use-card-words.ts';

type Properties = {
  readonly layout: MapLayout;
  readonly words: (card: PlacedCard) => CardWords;
  readonly onChoose: (id: string) => void;
};

/** OverviewList says as a table what the map draws: each card with its state, and what it hangs on: people on regions, sites on regions, the internet on sites. */
export function OverviewList({ layout, words, onChoose }: Properties) {
  const { t, i18n } = useTranslation();
  const { cards, edges } = layout;
  const names = new Map(cards.map((card) => [card.id, words(card).name]));
  const columns = ['name', 'kind', 'state', 'address', 'connectedTo'] as const;
  return (
    <Table label={t('map.title')} columns={columns.map((column) => t(`map.list.${column}`))}>
      {cards.map((card) => {
        const { kind, name, address, word } = words(card);
        return (
          <tr key={card.id}>
            <td>
              <UnstyledButton className={classes.open} onClick={() => onChoose(card.id)}>
                <span className={tableClasses.name}>
                  <ObjectName name={name} />
                </span>
              </UnstyledButton>
            </td>
            <td>{kind}</td>
            <td>
              <StateMark state={card.state} word={word} />
            </td>
            <td>
              <code>{address}</code>
            </td>
            <td>
              <div className={tableClasses.several}>
                {edges
                  .filter(({ from, to }) => (card.column === 0 ? from : card.column === 1 ? '' : to) === card.id)
                  .map(({ from, to, state, bytesPerSecond }) => (
                    <span key={`${from} ${to}`} className={classes.leadsTo}>
                      <ObjectName name={names.get(card.column === 0 ? to : from) ?? ''} />
                      {state !== 'up' && ` (${t(`map.edges.${state}`)})`}
                      {bytesPerSecond !== null && ` ${formatRate(bytesPerSecond, i18n.language)}`}
                    </span>
                  ))}
              </div>
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
