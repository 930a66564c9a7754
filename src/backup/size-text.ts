const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** sizeText writes a number of bytes for people: three digits, in powers of a thousand as disks are sold. */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? String(bytes) : value.toPrecision(3)} ${units[power] ?? 'bytes'}`;
}
