import type { RouterCommandsAnswer, StaticRoutes } from '../contract/api/site-routes.ts';
import { platformOf } from '../core/platforms/catalogue.ts';
import { placeholder } from '../core/platforms/safe-text.ts';
import { printable, table } from './table.ts';

/** staticRoutesText lists what each LAN needs, for people. */
export function staticRoutesText(networks: readonly StaticRoutes[]): string {
  return networks.length === 0 ? 'There is no network yet.\n' : networks.map(networkText).join('\n');
}

function networkText({ networkName, nat, routes, whenConnectorsChange }: StaticRoutes): string {
  const rows = routes.map(({ destination, via, need, at, why }) => [
    destination,
    `via ${via ?? 'the connector (its LAN address is not known yet)'}`,
    at === 'hosts' ? `${need}, on the machines` : need,
    printable(why),
  ]);
  return [
    `${printable(networkName)} (${nat}):\n`,
    rows.length === 0 ? '  no static route is needed\n' : table(rows),
    whenConnectorsChange === null ? '' : `  ${printable(whenConnectorsChange)}\n`,
  ].join('');
}

/** commandsRemarks is what has to be read beside the commands; it goes to stderr, so that stdout can be pasted. */
export function commandsRemarks({ platform, missing, leftOut, notes, console: steps }: RouterCommandsAnswer): string {
  const parameters = platformOf(platform).parameters;
  const lines = [
    ...missing.map((word) => {
      const parameter = parameters.find(({ name }) => placeholder(name) === word);
      const what =
        parameter === undefined ? '' : `, ${parameter.description}; or give --parameter ${parameter.name}=${parameter.example}`;
      return `put the right value in place of ${word}${what}`;
    }),
    ...leftOut.map(({ destination, reason }) => `left out ${destination}: ${reason}`),
    ...steps.map((step, index) => `by hand, step ${String(index + 1)}: ${step}`),
    ...notes.map(({ text, evidence }) => `${evidence === 'unverified' ? '(not verified by us) ' : ''}${text}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
