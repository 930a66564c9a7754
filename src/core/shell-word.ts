/** shellWord is a name as it can be typed into a shell. */
export function shellWord(name: string): string {
  return /^[A-Za-z0-9._/@-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
