import type { ReactNode } from 'react';
import classes from './state-mark.module.css';

/** A state is said by glyph and word and colour (portal.md 9). */
const glyphs = { up: '●', degraded: '▲', down: '✕', unknown: '○', pending: '◐' } as const;

export type ShownState = keyof typeof glyphs;

/** StateMark shows a state with the word for it; `word` is what it means for this object. */
export function StateMark({ state, word }: { readonly state: ShownState; readonly word: ReactNode }) {
  return (
    <span className={classes.mark} data-state={state}>
      <span aria-hidden="true" className={classes.glyph}>
        {glyphs[state]}
      </span>
      <span>{word}</span>
    </span>
  );
}
