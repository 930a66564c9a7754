import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DrawnCell, DrawnColumn } from '../../../core/trace/drawing.ts';
import type { Direction } from '../../../core/trace/words.ts';
import { PacketText } from './packet-text.tsx';
import { hopName } from './use-open-hop.ts';
import classes from './drawing.module.css';

type Properties = {
  readonly columns: readonly DrawnColumn[];
  readonly open: string | undefined;
  readonly onOpen: (name: string) => void;
};

const lanes = ['forward', 'reverse'] as const satisfies readonly Direction[];

/**
 * TraceDrawing draws request and response as two lanes over one row of machines. It is a table: who hears it read gets machine by machine what
 * happens to each of the two.
 */
export function TraceDrawing({ columns, open, onOpen }: Properties) {
  const { t } = useTranslation();
  return (
    <div className={classes.scroll} role="region" aria-label={t('trace.drawing')} tabIndex={0}>
      <table className={classes.drawing}>
        <thead>
          <tr>
            <td />
            {columns.map(({ node }) => (
              <th key={`${node.kind} ${node.id}`} scope="col" className={classes.machine}>
                <span className={classes.kind}>{t(`trace.kinds.${node.kind}`)}</span>
                <bdi className={classes.name}>{node.label}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lanes.map((direction) => (
            <tr key={direction} data-direction={direction}>
              <th scope="row" className={classes.lane}>
                {t(`trace.lanes.${direction}`)}
              </th>
              {columns.map(({ node, cells }) => (
                <td key={`${node.kind} ${node.id}`} className={classes.cell} data-state={stateOf(cells[direction])}>
                  <Cell cell={cells[direction]} direction={direction} open={open} onOpen={onOpen} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function stateOf(cell: DrawnCell): string {
  return cell.kind === 'hop' ? cell.state : cell.kind;
}

type CellProperties = Pick<Properties, 'open' | 'onOpen'> & { readonly cell: DrawnCell; readonly direction: Direction };

function Cell({ cell, direction, open, onOpen }: CellProperties) {
  const { t } = useTranslation();
  if (cell.kind !== 'hop') return <span className={classes.aside}>{t(`trace.cells.${cell.kind}`)}</span>;
  const { explained, state, hop } = cell;
  const name = hopName(direction, hop);
  const last = explained.decisions.at(-1) ?? '';
  return (
    <UnstyledButton className={classes.hop} aria-expanded={open === name} onClick={() => onOpen(name)}>
      <span className={classes.dot} aria-hidden="true">
        {glyphs[state]}
      </span>
      <span className={classes.word}>{t(`trace.cells.${state}`)}</span>
      {state === 'drops' || state === 'unknown' ? (
        <span className={classes.reason}>
          <bdi>{last}</bdi>
        </span>
      ) : (
        <PacketText packet={explained.leaves ?? explained.arrives} before={explained.arrives} />
      )}
    </UnstyledButton>
  );
}

const glyphs = { passes: '●', changes: '◆', arrives: '●', drops: '✕', unknown: '○' } as const;
