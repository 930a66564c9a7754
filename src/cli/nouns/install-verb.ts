import { setTimeout as delay } from 'node:timers/promises';
import { Option } from 'commander';
import { hostConnectorRoutes, networkConnectorRoutes } from '../../contract/api/connector.ts';
import { installTokenRoutes } from '../../contract/api/install-token.ts';
import { observationRoutes } from '../../contract/api/observation.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { fullName } from '../find-named.ts';
import { jsonText } from '../json-text.ts';
import { parseCount } from '../options/count.ts';
import { callRoute } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';
import type { Parsed, Verb } from './noun.ts';
import { verbCommand } from './noun.ts';
import type { Thing } from './thing.ts';
import { findThing } from './thing.ts';
import { ThingArgument } from './thing-words.ts';

/** Somebody has to walk to another machine and paste a line there, and packages may have to be fetched. */
const usualWait_s = 600;
const longestWait_s = 86_400;

/** One more question a second is nothing to the controller, and a person does not notice the second. */
const between_ms = 1_000;

/** installVerb is `install NAME`: the line to paste. With --wait it stays until the connector is ONLINE, and ends with 1 where it does not come. */
export function installVerb(...[noun, surroundings]: Parameters<Verb>): void {
  verbCommand(noun, 'install', 'print the line to paste as root on the machine of a connector; it works once, for 24 hours', [
    new Option(
      '--wait [SECONDS]',
      `then wait until it is ONLINE, ${String(usualWait_s)} seconds where no number is given`,
    ).argParser((text) => parseCount(text, 1, longestWait_s, 'number of seconds')),
  ])
    .addArgument(new ThingArgument('connector'))
    .action(async (wanted: string, parsed: Parsed) => {
      const thing = await findThing(parsed, 'connector', wanted);
      const token = await callRoute(parsed, installTokenRoutes.create, { parameters: { id: thing.id } });
      surroundings.writeOut(parsed.json === true ? jsonText(token) : `${printable(token.installCommand)}\n`);
      const { wait } = parsed;
      if (wait === undefined || wait === false) return;
      await waitUntilOnline(parsed, thing, typeof wait === 'number' ? wait : usualWait_s, surroundings);
    });
}

async function waitUntilOnline(choice: ServerChoice, thing: Thing, wait_s: number, { writeErr }: Surroundings): Promise<void> {
  const name = printable(fullName(thing));
  const before = await lastReport(choice, thing);
  const end = performance.now() + wait_s * 1_000;
  let told = '';
  for (;;) {
    const isOnline = (await statusOf(choice, thing)) === 'ONLINE';
    const hasReported = isOnline || (await lastReport(choice, thing)) !== before;
    const state = isOnline
      ? `${name} is ONLINE`
      : hasReported
        ? `${name}: its agent has reported, its tunnel is not up yet`
        : `${name}: waiting for its machine`;
    if (state !== told) writeErr(`${state}\n`);
    told = state;
    if (isOnline) return;
    if (performance.now() >= end) {
      throw new CliFailure(
        exitCodes.problem,
        `${name} is not ONLINE after ${String(wait_s)} s: ${hasReported ? 'causeway doctor says what is in its way' : 'the line was not pasted yet, or the machine does not reach this controller; the line stays good'}`,
      );
    }
    await delay(Math.min(between_ms, Math.max(0, end - performance.now())));
  }
}

async function statusOf(choice: ServerChoice, { id, site }: Thing): Promise<string> {
  const { read } = site === 'host' ? hostConnectorRoutes : networkConnectorRoutes;
  return (await callRoute(choice, read, { parameters: { id } })).connectionStatus;
}

/** When its agent has last said something; empty where it never has. */
async function lastReport(choice: ServerChoice, { id }: Thing): Promise<string> {
  const observations = await callRoute(choice, observationRoutes.list, { parameters: { id } });
  return (
    observations
      .map(({ observedAt }) => observedAt)
      .sort()
      .at(-1) ?? ''
  );
}
