import { z } from 'zod';

/** Hidden columns are kept and not shown ones, so that a column that a later version brings is seen. */
const kept = z.array(z.string());

const placeOf = (list: string) => `causeway-hidden-columns ${list}`;

/** readHidden gives the columns of a list that are hidden in this browser; none where nothing sensible is kept, or nothing may be. */
export function readHidden(list: string): ReadonlySet<string> {
  try {
    const text = localStorage.getItem(placeOf(list));
    return new Set(text === null ? [] : kept.parse(JSON.parse(text)));
  } catch {
    // Storage is forbidden, or somebody else wrote there: then all columns are shown.
    return new Set();
  }
}

/** keepHidden keeps them for the next time. */
export function keepHidden(list: string, hidden: ReadonlySet<string>): void {
  try {
    if (hidden.size === 0) localStorage.removeItem(placeOf(list));
    else localStorage.setItem(placeOf(list), JSON.stringify([...hidden]));
  } catch {
    // Full or forbidden: the choice holds until the page is left.
  }
}
