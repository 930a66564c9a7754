import { Option } from 'commander';
import type { NetworkChecks } from '../../contract/api/network-checks.ts';
import { networkCheckRoutes } from '../../contract/api/network-checks.ts';
import type { CheckState } from '../../core/trace/check-words.ts';
import { exitCodes } from '../failure.ts';
import type { Glyphs } from '../glyphs.ts';
import { glyphsFor } from '../glyphs.ts';
import { jsonText } from '../json-text.ts';
import { callRoute } from '../server/call-api.ts';
import { printable, table } from '../table.ts';
import type { Parsed, Verb } from './noun.ts';
import { verbCommand } from './noun.ts';
import { findThing } from './thing.ts';
import { ThingArgument } from './thing-words.ts';

/** networkCheckVerb says what is in order of each connector of a network; 1 where something is not. */
export function networkCheckVerb(...[noun, surroundings]: Parameters<Verb>): void {
  verbCommand(noun, 'check', 'say what is in order of its connectors, from the tunnel to the way back', [
    new Option('--ascii', 'no other signs than those of ASCII'),
  ])
    .addArgument(new ThingArgument('network'))
    .action(async (wanted: string, parsed: Parsed) => {
      const { id, name } = await findThing(parsed, 'network', wanted);
      const found = await callRoute(parsed, networkCheckRoutes.read, { parameters: { id } });
      const glyphs = glyphsFor(process.env, parsed['ascii'] === true);
      surroundings.writeOut(parsed.json === true ? jsonText(found) : checksText(name, found, glyphs));
      const isWell = found.connectors.every(({ checks }) => checks.every(({ state }) => state !== 'failed'));
      surroundings.setExitCode(isWell && found.connectors.length > 0 ? exitCodes.works : exitCodes.problem);
    });
}

function checksText(name: string, { connectors }: NetworkChecks, glyphs: Glyphs): string {
  if (connectors.length === 0) return `network ${printable(name)} has no connector, so nobody reaches it\n`;
  const marks: Readonly<Record<CheckState, string>> = {
    ok: glyphs.works,
    failed: glyphs.fails,
    unknown: glyphs.unknown,
    waiting: glyphs.unknown,
  };
  return connectors
    .map(({ connectorName, checks }) =>
      [
        `${printable(connectorName)}\n`,
        table(
          checks.map(({ kind, state, words, code }) => [
            `${marks[state]} ${kind.replace('-', ' ')}`,
            state,
            printable([...(code === null ? [] : [code]), words].join('  ')),
          ]),
        ),
      ].join(''),
    )
    .join('\n');
}
