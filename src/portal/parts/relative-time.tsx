import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const units = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1_000 },
] as const;

/** How often it is looked at again: it is told in seconds for a minute only, and nobody counts along. */
const tick_ms = 15_000;

/** RelativeTime says how long ago or in how long; the exact instant is shown on hover. */
export function RelativeTime({ at }: { readonly at: string }) {
  const { i18n } = useTranslation();
  const instant = new Date(at);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tick_ms);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={instant.toLocaleString(i18n.language)}>
      {relative(instant.getTime() - now, i18n.language)}
    </time>
  );
}

function relative(difference_ms: number, language: string): string {
  const { unit, ms } = units.find((each) => Math.abs(difference_ms) >= each.ms) ?? units[3];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.round(difference_ms / ms), unit);
}
