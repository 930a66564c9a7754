import { Option } from 'commander';
import type { Session } from '../../contract/api/session.ts';
import { sessionQuery, sessionRoutes } from '../../contract/api/session.ts';
import { parseCount } from '../options/count.ts';
import { callRoute } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import type { Noun } from './noun.ts';
import { listVerb } from './read-verbs.ts';

/** The API gives at most so many at once. */
const most = 100;
const usual = 50;
const longest = 100_000;

const filters: FieldTable<typeof sessionQuery> = {
  status: { option: 'status', description: 'only those' },
  startDate: {
    option: 'since',
    form: 'INSTANT',
    description: 'only those that were there then or later, such as 2026-01-31T00:00:00Z',
  },
  endDate: { option: 'until', form: 'INSTANT', description: 'only those that were there before' },
  returnOnlyNew: { without: 'it is for programs that ask again' },
  size: { without: '--limit says how many' },
  cursor: { without: 'all pages are read, up to --limit' },
};

const narrowing = fieldOptions(sessionQuery, filters);

export const sessionNoun: Noun = {
  word: 'session',
  description: 'tunnels of the last 30 days',
  verbs: [
    listVerb({
      description: 'list tunnels, the newest first',
      filters: {
        ...narrowing,
        options: [
          ...narrowing.options,
          new Option('--limit <N>', 'how many at most').argParser((text) => parseCount(text, 1, longest)).default(usual),
        ],
      },
      fetch: async (choice, query, { limit }) => await listSessions(choice, query, Number(limit)),
      columns: [
        ['WHO', whoOf],
        ['STATUS', ({ connectionStatus }) => connectionStatus],
        ['SINCE', ({ startDateTime }) => startDateTime],
        ['ADDRESS', ({ vpnIpv4 }) => vpnIpv4],
        ['FROM', ({ clientIp }) => clientIp],
        ['REGION', ({ regionId }) => regionId],
        ['BYTES IN', ({ bytesIn }) => String(bytesIn)],
        ['BYTES OUT', ({ bytesOut }) => String(bytesOut)],
      ],
      empty: 'There is no such session.',
    }),
  ],
};

async function listSessions(choice: ServerChoice, query: Readonly<Record<string, string>>, limit: number): Promise<Session[]> {
  const found: Session[] = [];
  for (let cursor: string | undefined; ; ) {
    const size = String(Math.min(most, limit - found.length));
    const page = await callRoute(choice, sessionRoutes.list, {
      query: { ...query, size, ...(cursor === undefined ? {} : { cursor }) },
    });
    found.push(...page.sessions);
    cursor = page.nextCursor;
    if (cursor === undefined || found.length >= limit) return found;
  }
}

function whoOf({ userName, deviceName, networkName, connectorName }: Session): string {
  return connectorName === '' ? `${userName}/${deviceName}` : `${networkName === '' ? '' : `${networkName}/`}${connectorName}`;
}
