/** ageInWords is how long ago something was seen, for people: 12 s ago. What is older than a few minutes has another unit, so that it stands out. */
export function ageInWords(age_ms: number): string {
  const seconds = Math.max(0, Math.round(age_ms / 1000));
  if (seconds < 3) return 'now';
  if (seconds < 120) return `${String(seconds)} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${String(minutes)} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${String(hours)} h ago` : `${String(Math.round(hours / 24))} days ago`;
}
