import type { PushedOptions } from '../../core/pushed-options.ts';
import { pushLines } from '../push-lines.ts';
import { longestParameter } from './command.ts';

/** Each kind of option that is ever pushed, by its first word; an update gives each kind as a whole or takes it away as a whole. */
const kinds = ['route', 'route-ipv6', 'redirect-gateway', 'block-ipv6', 'dhcp-option'] as const;

/**
 * updateLines is what makes a client that was told anything whatever have exactly this (openvpn.md 3.1): an option in an update drops all
 * earlier ones of its kind, so each kind comes with its full list, and one that is empty is taken away by its name alone.
 */
export function updateLines(pushed: PushedOptions): readonly string[] {
  const lines = pushLines(pushed);
  return kinds.flatMap((kind) => {
    const ofKind = lines.filter((line) => line === kind || line.startsWith(`${kind} `));
    return ofKind.length === 0 ? [`-${kind}`] : ofKind;
  });
}

const goesOn = ',push-continuation 2';
const ends = ',push-continuation 1';

/**
 * updateChunks joins options to the parameters of as many `push-update-cid` commands as it takes: a parameter has 255 characters at most,
 * the client collects until the one that ends in `push-continuation 1`. Throws RangeError for an option that is too long for any command.
 */
export function updateChunks(lines: readonly string[]): readonly string[] {
  const room = longestParameter - goesOn.length;
  const chunks: string[] = [];
  for (const line of lines) {
    if (line.length > room) throw new RangeError(`option ${JSON.stringify(line.slice(0, 60))} is too long for an update`);
    const last = chunks.at(-1);
    if (last === undefined || last.length + 1 + line.length > room) chunks.push(line);
    else chunks[chunks.length - 1] = `${last},${line}`;
  }
  if (chunks.length < 2) return chunks;
  return chunks.map((chunk, index) => chunk + (index === chunks.length - 1 ? ends : goesOn));
}
