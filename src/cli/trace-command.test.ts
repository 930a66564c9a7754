import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import type { AppliedFix } from '../contract/api/trace.ts';
import { doctorAnswer, traceAnswer } from '../contract/cli/trace.ts';
import { toPage } from '../contract/page.ts';
import type { Ran } from './test-cli.ts';
import { causeway, withController } from './test-cli.ts';
import { traces } from './test-trace.ts';

type Asked = Ran & { readonly asked: readonly string[] };

const hq = '00000001-0000-4000-8000-000000000001';
const connector = '00000002-0000-4000-8000-000000000001';
const broken = traces['broken-return'];
const [rootCause] = broken.findings;
const onConnector = {
  ...rootCause,
  object: { kind: 'connector', id: connector, label: 'hq-1' },
  hop: { kind: 'connector', id: `connector:${connector}`, label: 'hq-1' },
};
const applied: AppliedFix = {
  code: 'RTR-NO-ROUTE',
  connectorId: connector,
  connectorName: 'hq-1',
  title: 'Forget old flows',
  action: { kind: 'forget-flows' },
  done: true,
  words: 'forgotten',
  remains: false,
  undo: [],
  trace: null,
};

/** What the API answers to `METHOD PATH`: a body, a status with an error, or the events of a stream. */
type Answers = Readonly<Record<string, { readonly status?: number; readonly body?: unknown; readonly events?: string }>>;

const usual: Answers = {
  'POST /api/causeway/v1/traces': { body: traces.works },
  'GET /api/v1/networks': { body: toPage([{ id: hq, name: 'HQ Network' }], 1, { page: 0, size: 1000 }) },
  'GET /api/causeway/v1/findings': { body: { revision: 7, checkedAt: broken.askedAt, findings: [onConnector] } },
  'POST /api/causeway/v1/findings/apply': { body: applied },
  [`GET /api/causeway/v1/traces/${broken.id}`]: { body: broken },
  [`POST /api/causeway/v1/traces/${broken.id}/rerun`]: { body: broken },
};

/** The command against a socket that answers like the API; `asked` are its calls with their bodies. */
async function ask(args: readonly string[], answers: Answers = {}): Promise<Asked> {
  const asked: string[] = [];
  return await withController(
    (request, response) => void answer(request, response, { ...usual, ...answers }, asked),
    async (data) => ({ ...(await causeway([...args, '--data', data], { environment: { LC_ALL: 'C.UTF-8' } })), asked }),
  );
}

async function answer(request: IncomingMessage, response: ServerResponse, answers: Answers, asked: string[]): Promise<void> {
  let sent = '';
  for await (const chunk of request) sent += String(chunk);
  const { pathname, search } = new URL(request.url ?? '', 'http://local');
  asked.push(`${String(request.method)} ${pathname}${search}${sent === '' ? '' : ` ${sent}`}`);
  const found = answers[`${String(request.method)} ${pathname}`];
  if (found?.events !== undefined && request.headers.accept === 'text/event-stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // In pieces that end in the middle of a line.
    for (let at = 0; at < found.events.length; at += 700) response.write(found.events.slice(at, at + 700));
    response.end();
    return;
  }
  response.writeHead(found === undefined ? 404 : (found.status ?? 200), { 'content-type': 'application/json' });
  response.end(JSON.stringify(found?.body ?? { errorMessage: 'not found' }));
}

const refused = (status: number, errorMessage: string) => ({
  'POST /api/causeway/v1/traces': { status, body: { errorMessage, errorDetails: {}, statusError: '' } },
});

describe('trace', () => {
  it('asks what was typed, and exits 0 only when the flow works', async () => {
    const ran = await ask(['trace', 'bob', '10.0.0.20', '--proto', 'udp', '--port', '53', '--size', '1400', '--no-probe']);
    assert.deepEqual(ran.asked, [
      'POST /api/causeway/v1/traces {"source":"bob","destination":"10.0.0.20","protocol":"udp","port":53,"size":1400,"probe":"never"}',
    ]);
    assert.deepEqual([ran.code, ran.err], [0, '']);
    assert.match(ran.out, /^● works: bob\/laptop to 10\.0\.0\.20, TCP 443: works\n\n {2}→ bob\/laptop/);
    const probes = await ask(['trace', 'bob', '10.0.0.20', '--probe']);
    assert.match(probes.asked.join(), /"probe":"always"/);
    for (const trace of [traces.broken, broken, traces.unknown, traces.intermittent, traces['not-permitted']]) {
      const other = await ask(['trace', 'bob', '10.0.0.20'], { 'POST /api/causeway/v1/traces': { body: trace } });
      assert.equal(other.code, 1, trace.verdict);
      assert.match(other.asked.join(), /"probe":"auto"/);
    }
  });

  it('tells what happens meanwhile on stderr, made printable', async () => {
    const progress = JSON.stringify({ text: 'asking hq\u001b[31m-1' });
    const events = `event: progress\ndata: ${progress}\n\nevent: progress\ndata: no JSON\n\nevent: result\ndata: ${JSON.stringify(traces.works)}\n\n`;
    const ran = await ask(['trace', 'bob', '10.0.0.20'], { 'POST /api/causeway/v1/traces': { events } });
    assert.deepEqual([ran.code, ran.err], [0, 'asking hq\\u{1b}[31m-1\n']);
    const cut = await ask(['trace', 'bob', '10.0.0.20'], {
      'POST /api/causeway/v1/traces': { events: events.slice(0, 200) },
    });
    assert.equal(cut.code, 3);
    assert.match(cut.err, /its answer ended in the middle/);
    const failed = `event: error\ndata: ${JSON.stringify({ errorMessage: 'The database cannot be reached.' })}\n\n`;
    const error = await ask(['trace', 'bob', '10.0.0.20'], { 'POST /api/causeway/v1/traces': { events: failed } });
    assert.equal(error.code, 1);
    assert.match(error.err, /The database cannot be reached/);
  });

  it('prints for programs what the contract says, and nothing else', async () => {
    const ran = await ask(['trace', 'bob', '10.0.0.20', '--json'], { 'POST /api/causeway/v1/traces': { body: broken } });
    assert.deepEqual(traceAnswer.parse(JSON.parse(ran.out)), broken);
    assert.deepEqual([ran.code, ran.err], [1, '']);
  });

  it('asks again what a trace asked', async () => {
    const ran = await ask(['trace', '--again', broken.id]);
    assert.deepEqual(ran.asked, [`POST /api/causeway/v1/traces/${broken.id}/rerun`]);
    assert.match(ran.out, /^✕ broken-return/);
    assert.equal(ran.code, 1);
  });

  it('exits 2 for what cannot be asked, 1 for what the API cannot do, 3 when nothing answers', async () => {
    const ambiguous = await ask(
      ['trace', 'eve', '10.0.0.20'],
      refused(400, 'source: the user eve has 2 devices; give one of: eve/one'),
    );
    assert.equal(ambiguous.code, 2);
    assert.match(ambiguous.err, /give one of: eve\/one/);
    assert.equal((await ask(['trace', 'eve', '10.0.0.20'], refused(409, 'No gateway is known.'))).code, 1);
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['trace'], /SRC and DST are needed/],
      [['trace', 'bob'], /SRC and DST are needed/],
      [['trace', 'bob', 'a', 'b'], /too many arguments/],
      [['trace', 'bob', 'a', '--port', '0'], /not a port/],
      [['trace', 'bob', 'a', '--port', 'https'], /not a port/],
      [['trace', 'bob', 'a', '--size', '20'], /68/],
      [['trace', 'bob', 'a', '--proto', 'sctp'], /Allowed choices are tcp, udp, icmp/],
      [['trace', 'bob', 'a', '--again', broken.id], /give no SRC and DST/],
      [['trace', '--again', broken.id, '--port', '443'], /cannot be used with/],
    ];
    for (const [args, says] of cases) {
      const ran = await ask(args);
      assert.deepEqual([ran.code, ran.out, ran.asked], [2, '', []], args.join(' '));
      assert.match(ran.err, says);
    }
  });
});

describe('doctor', () => {
  it('lists what is wrong, of everything or of one network', async () => {
    const all = await ask(['doctor']);
    assert.deepEqual([all.code, all.asked], [1, ['GET /api/causeway/v1/findings']]);
    assert.match(all.out, /^✕ 1 error\n\n✕ error {2}RTR-NO-ROUTE/);
    const one = await ask(['doctor', 'HQ Network', '--json']);
    assert.equal(one.asked.at(-1), `GET /api/causeway/v1/findings?network=${hq}`);
    assert.deepEqual(doctorAnswer.parse(JSON.parse(one.out)).findings.length, 1);
    const nothing = { revision: 7, checkedAt: broken.askedAt, findings: [] };
    const well = await ask(['doctor'], { 'GET /api/causeway/v1/findings': { body: nothing } });
    assert.deepEqual([well.code, well.out], [0, '● nothing is wrong with what is configured and reported\n']);
  });

  it('changes nothing without a yes, and says how to give it', async () => {
    const ran = await ask(['doctor', '--fix', 'rtr-no-route']);
    assert.deepEqual([ran.code, ran.asked], [1, ['GET /api/causeway/v1/findings']]);
    assert.match(ran.err, /nothing was changed: add --yes/);
  });

  it('lets the connector do it, and exits 0 when it is gone', async () => {
    const ran = await ask(['doctor', '--fix', 'RTR-NO-ROUTE', '--yes']);
    assert.equal(ran.asked.at(-1), `POST /api/causeway/v1/findings/apply {"code":"RTR-NO-ROUTE","connectorId":"${connector}"}`);
    assert.match(ran.out, /RTR-NO-ROUTE is not found on hq-1 any more/);
    assert.equal(ran.code, 0);
    for (const other of [{ remains: true }, { remains: null }, { done: false }]) {
      const answers = { 'POST /api/causeway/v1/findings/apply': { body: { ...applied, ...other } } };
      assert.equal((await ask(['doctor', '--fix', 'RTR-NO-ROUTE', '--yes'], answers)).code, 1);
    }
  });

  it('takes the finding from a trace', async () => {
    const findings = [onConnector];
    const answers = { [`GET /api/causeway/v1/traces/${broken.id}`]: { body: { ...broken, findings } } };
    const ran = await ask(['doctor', '--fix', 'RTR-NO-ROUTE', '--trace', broken.id, '--yes', '--json'], answers);
    assert.match(ran.asked.at(-1) ?? '', new RegExp(`"traceId":"${broken.id}"`));
    assert.equal(doctorAnswer.parse(JSON.parse(ran.out)).applied.length, 1);
  });

  it('exits 2 for what cannot be meant, with what can', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['doctor', '--fix', 'FWD-OF'], /did you mean FWD-OFF/],
      [['doctor', '--fix', 'nonsense'], /no code of a finding/],
      [['doctor', '--yes'], /--yes belongs to --fix CODE/],
      [['doctor', '--trace', broken.id], /--trace belongs to --fix CODE/],
      [['doctor', 'HQ', '--fix', 'FWD-OFF', '--trace', broken.id], /give NETWORK or --trace/],
      [['doctor', 'Nowhere'], /no network has the name or id/],
    ];
    for (const [args, says] of cases) {
      const ran = await ask(args);
      assert.deepEqual([ran.code, ran.out], [2, ''], args.join(' '));
      assert.match(ran.err, says);
    }
  });
});
