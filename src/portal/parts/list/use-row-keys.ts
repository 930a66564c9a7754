import type { KeyboardEvent } from 'react';
import { useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import type { RowWindow } from './use-row-window.ts';

/** useRowKeys moves the focus from row to row with the arrow keys, Page Up and Down, Home and End, also to rows that are not drawn or not read yet. */
export function useRowKeys(
  scroller: RowWindow['scroller'],
  show: RowWindow['show'],
  count: number,
): (event: KeyboardEvent) => void {
  /** The row that is to have the focus when it has been read. */
  const awaited = useRef<number>(undefined);
  const focus = (index: number): void => {
    const row = scroller.current?.querySelector(`tr[aria-rowindex="${String(index + 2)}"]`);
    const link = row?.querySelector<HTMLElement>('[data-row-link]');
    awaited.current = link === null || link === undefined ? index : undefined;
    (link ?? row?.querySelector<HTMLElement>('[data-row-coming]'))?.focus();
  };
  useEffect(() => {
    if (awaited.current === undefined) return;
    // Where a focused element is taken away, the page has the focus; whoever has gone elsewhere meanwhile stays there.
    const { activeElement } = document;
    const isHere = activeElement === document.body || activeElement?.hasAttribute('data-row-coming') === true;
    if (isHere) focus(awaited.current);
    else awaited.current = undefined;
  });
  return (event) => {
    const row = event.target instanceof Element ? event.target.closest('tr[aria-rowindex]') : null;
    if (row === null || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // The first row of the table is its head.
    const next = target(event.key, Number(row.getAttribute('aria-rowindex')) - 2, count);
    if (next === undefined || count === 0) return;
    event.preventDefault();
    const index = Math.min(Math.max(next, 0), count - 1);
    flushSync(() => show(index));
    focus(index);
  };
}

/** A page is what people see at once, about. */
const page = 15;

function target(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return at + 1;
    case 'ArrowUp':
      return at - 1;
    case 'PageDown':
      return at + page;
    case 'PageUp':
      return at - page;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
