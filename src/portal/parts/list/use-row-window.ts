import { useCallback, useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { rowHeight_px } from '../../theme/theme.ts';

/** A longer list has only the rows in the DOM that are in view, and some around them: 200 of them take longer than a click may. */
const mostRows = 60;
/** What is scrolled in before it is drawn. */
const around = 12;

export type RowWindow = {
  /** For the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  /** The rows that are drawn: from the first up to, without, the last. */
  readonly from: number;
  readonly to: number;
  /** Scrolls as little as brings a row into view. */
  readonly show: (index: number) => void;
};

/** useRowWindow says which of many rows of one height are to be drawn. */
export function useRowWindow(count: number): RowWindow {
  const scroller = useRef<HTMLDivElement>(null);
  const [{ first, fit }, setView] = useState({ first: 0, fit: 20 });
  const look = useCallback(() => {
    const { current } = scroller;
    if (current === null) return;
    const seen = { first: Math.floor(current.scrollTop / rowHeight_px), fit: Math.ceil(current.clientHeight / rowHeight_px) };
    setView((before) => (before.first === seen.first && before.fit === seen.fit ? before : seen));
  }, []);
  useEffect(() => {
    const { current } = scroller;
    if (current === null) return undefined;
    const observer = new ResizeObserver(look);
    observer.observe(current);
    return () => observer.disconnect();
  }, [look]);
  const show = (index: number): void => {
    const { current } = scroller;
    if (current === null) return;
    // The head lies over the first row.
    const top = index * rowHeight_px;
    const lowest = top + 2 * rowHeight_px - current.clientHeight;
    current.scrollTop = Math.min(Math.max(current.scrollTop, lowest), top);
    look();
  };
  const isWhole = count <= mostRows;
  // What was scrolled to may be gone: filtered away.
  const start = Math.min(first, Math.max(0, count - fit));
  return {
    scroller,
    onScroll: look,
    from: isWhole ? 0 : Math.max(0, start - around),
    to: isWhole ? count : Math.min(count, start + fit + around),
    show,
  };
}
