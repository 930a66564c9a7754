const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** formatBytes writes an amount in the unit that keeps it short: `1.2 MB`. */
export function formatBytes(value: number, language: string): string {
  return format(value, language, '');
}

/** formatRate writes what passes in a second: `1.2 MB/s`. */
export function formatRate(bytesPerSecond: number, language: string): string {
  return format(bytesPerSecond, language, '-per-second');
}

function format(value: number, language: string, per: '' | '-per-second'): string {
  // Rounded first, so that what would round up to 1,000 takes the next unit.
  const size = Math.round(value * 10) / 10;
  const order = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: `${units[order] ?? 'byte'}${per}`,
    unitDisplay: 'short',
    maximumFractionDigits: order === 0 ? 0 : 1,
  }).format(size / 1_000 ** order);
}
