/**
 * ObservedSection is one raw output of a connector's machine. `body` undefined: the same as the one that was sent before with this hash.
 * The hash is what the agent calls the text; it is compared, never computed here, since bytes that are no UTF-8 arrive replaced.
 */
export type ObservedSection = { readonly name: string; readonly hash: string; readonly body: string | undefined };

/** Twice what the agent sends at most (agent/observe.sh), and more sections than it has. */
export const longestSection = 262_144;
export const mostSections = 40;

export type ParsedObservation =
  | { readonly kind: 'sections'; readonly sections: readonly ObservedSection[] }
  | { readonly kind: 'malformed'; readonly problem: string };

const header = /^== ([a-z0-9][a-z0-9-]{0,31}) ([0-9a-f]{64})( same)?$/;

/** parseObservation reads the body of POST observation. Total: what is wrong is said, with the line. */
export function parseObservation(text: string): ParsedObservation {
  const sections = new Map<string, ObservedSection>();
  // A line that begins with == is always a header: the agent moves any other by a blank.
  const parts = text.split(/^(?=== )/m).filter((part) => part !== '');
  for (const part of parts) {
    const end = part.indexOf('\n');
    const line = end === -1 ? part : part.slice(0, end);
    const match = header.exec(line);
    if (match === null)
      return {
        kind: 'malformed',
        problem: `${JSON.stringify(line.slice(0, 80))} is not "== NAME SHA256" or "== NAME SHA256 same"`,
      };
    const [, name = '', hash = '', same] = match;
    if (sections.has(name)) return { kind: 'malformed', problem: `the section ${name} is there twice` };
    if (sections.size >= mostSections)
      return { kind: 'malformed', problem: `there are more than ${String(mostSections)} sections` };
    // The newline after the raw output is the agent's.
    const body = end === -1 ? '' : part.slice(end + 1).replace(/\n$/, '');
    if (body.length > longestSection)
      return { kind: 'malformed', problem: `the section ${name} is longer than ${String(longestSection)} characters` };
    if (same !== undefined && body.trim() !== '')
      return { kind: 'malformed', problem: `the section ${name} says "same" and has a text` };
    sections.set(name, { name, hash, body: same === undefined ? body : undefined });
  }
  return { kind: 'sections', sections: [...sections.values()] };
}
