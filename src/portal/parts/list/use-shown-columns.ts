import { useState } from 'react';
import { keepHidden, readHidden } from './kept-columns.ts';

/**
 * useShownColumns says which columns of a list are shown, as somebody chose them in this browser (`list` is what they are kept under). The first
 * one stays: it is what a row is called, and opens it.
 */
export function useShownColumns<Column extends { readonly key: string }>(list: string, columns: readonly Column[]) {
  const [hidden, setHidden] = useState(() => readHidden(list));
  const isShown = ({ key }: Column) => key === columns[0]?.key || !hidden.has(key);
  return {
    shown: columns.filter(isShown),
    isShown,
    toggle: ({ key }: Column) => {
      const after = hidden.symmetricDifference(new Set([key]));
      setHidden(after);
      keepHidden(list, after);
    },
  };
}
