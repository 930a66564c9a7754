import { useEffect, useState } from 'react';
import { ageInWords } from '../../core/age-in-words.ts';

/** How often an age is looked at again: it is told in seconds for two minutes only, and nobody counts along. */
const tick_ms = 15_000;

/** Age says how long ago something was, and when exactly to who points at it. */
export function Age({ at }: { readonly at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tick_ms);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={at}>
      {ageInWords(now - Date.parse(at))}
    </time>
  );
}
