import { useState } from 'react';

const storedAs = 'causeway-rail';

/** useRailWidth remembers on this browser whether the rail shows words or only glyphs. Where nothing may be stored, it lasts as long as the page. */
export function useRailWidth(): { readonly isNarrow: boolean; readonly toggle: () => void } {
  const [isNarrow, setNarrow] = useState(() => read() === 'narrow');
  return {
    isNarrow,
    toggle: () => {
      const next = !isNarrow;
      setNarrow(next);
      try {
        window.localStorage.setItem(storedAs, next ? 'narrow' : 'wide');
      } catch {
        // Storage is full or forbidden; the next page begins wide.
      }
    },
  };
}

function read(): string | null {
  try {
    return window.localStorage.getItem(storedAs);
  } catch {
    return null;
  }
}
