import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { serviceStatus } from '../../contract/cli/service-status.ts';
import type { ServiceStatus } from '../../contract/cli/service-status.ts';
import { controlSocket } from '../../contract/supervisor-control.ts';
import { serviceMarker } from '../../core/service/service-plan.ts';
import { CliFailure } from '../failure.ts';
import { causeway } from '../test-cli.ts';
import { changesOf, lineDifference, removeOurs, writeFiles } from './service-files.ts';
import { serviceStatusText, worksAsService } from './service-status.ts';

/** Installed nowhere: these tests run on machines that have a service manager too. */
const nowhere = ['--name', 'no-such-service-of-the-tests'];

async function inDirectory(act: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'cwsc-'));
  try {
    await act(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A supervisor as far as its socket goes: hears lines, answers each with what is given. */
async function withSupervisor(answers: readonly object[], act: (data: string, heard: string[]) => Promise<void>): Promise<void> {
  await inDirectory(async (data) => {
    await mkdir(path.join(data, 'run'));
    const heard: string[] = [];
    const server = createServer((socket) => {
      socket.once('data', (line) => {
        heard.push(String(line).trim());
        socket.end(`${JSON.stringify(answers[heard.length - 1])}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(controlSocket(data), resolve));
    try {
      await act(data, heard);
    } finally {
      server.close();
    }
  });
}

const state = {
  kind: 'state',
  pid: 812,
  startedAt: '2026-11-27T15:40:12.000Z',
  ready: true,
  parts: [
    { part: 'controller', pid: 830, startedAt: '2026-11-27T15:40:13.000Z', ready: true },
    { part: 'database', pid: null, startedAt: null, ready: false },
  ],
  lanes: [
    { lane: 'u0', pid: 402, startedAt: '2026-11-20T08:00:00.000Z' },
    { lane: 'c0', pid: 900, startedAt: '2026-11-27T15:41:00.000Z' },
  ],
} as const;

describe('causeway service', () => {
  it('refuses a name that is a path, and options that up refuses', async () => {
    for (const [args, words] of [
      [['install', '--name', '../cron.d/x'], /cannot be the name of a service/],
      [['install', '--data', '/srv/a\nExecStart=/bin/false'], /control character/],
      [['install', '--data', '/srv/$HOME'], /a dollar sign/],
      [['install', '--tls-cert', '/a.pem'], /--tls-cert is given without --tls-key/],
      [['restart', 'lane'], /Allowed choices are controller, gateway, signer, database/],
    ] as const) {
      const { code, err } = await causeway(['service', ...args]);
      assert.equal(code, 2, err);
      assert.match(err, words);
    }
  });

  it('restarts one part over the socket of the supervisor', async () => {
    await withSupervisor([{ kind: 'done' }], async (data, heard) => {
      const { code, out } = await causeway(['service', 'restart', 'controller', '--data', data, ...nowhere]);
      assert.equal(code, 0);
      assert.match(out, /^controller was restarted, and ready again after \d+\.\d s; tunnels stayed\n$/);
      assert.deepEqual(heard, ['{"kind":"restart","part":"controller"}']);
    });
  });

  it('restarts each part where no service has the supervisor, and says how that itself is restarted', async () => {
    await withSupervisor([state, { kind: 'done' }, { kind: 'done' }], async (data, heard) => {
      const { code, err } = await causeway(['service', 'restart', '--data', data, ...nowhere]);
      assert.equal(code, 0, err);
      assert.deepEqual(heard.slice(1), ['{"kind":"restart","part":"controller"}', '{"kind":"restart","part":"database"}']);
      assert.match(err, /"kill -USR2 812"/);
    });
  });

  it('says what the supervisor refuses, and where nobody answers', async () => {
    await withSupervisor([{ kind: 'refused', reason: 'this installation has no gateway of its own' }], async (data) => {
      const { code, err } = await causeway(['service', 'restart', 'gateway', '--data', data, ...nowhere]);
      assert.deepEqual([code, err], [1, 'causeway: the supervisor refused: this installation has no gateway of its own\n']);
    });
    await inDirectory(async (data) => {
      const { code, err } = await causeway(['service', 'restart', 'gateway', '--data', data, ...nowhere]);
      assert.equal(code, 3);
      assert.match(err, /no supervisor answers at .*supervisor\.sock .*ENOENT/);
    });
  });

  it('shows the status as JSON: not installed is a problem while something runs, and code 3 otherwise', async () => {
    await withSupervisor([state], async (data) => {
      const { code, out } = await causeway(['service', 'status', '--json', '--data', data, ...nowhere]);
      assert.equal(code, 1);
      const { kind: _, ...running } = state;
      assert.deepEqual(serviceStatus.parse(JSON.parse(out)), { service: null, data, running });
    });
    await inDirectory(async (data) => {
      assert.equal((await causeway(['service', 'status', '--data', data, ...nowhere])).code, 3);
    });
  });

  it('shows the status to people', () => {
    const { kind: _, ...running } = state;
    const status: ServiceStatus = {
      service: { manager: 'systemd', name: 'causeway', file: '/etc/x.service', enabled: true, state: 'active', restarts: 2 },
      data: '/var/lib/causeway',
      running: { ...running, parts: [...running.parts], lanes: [...running.lanes] },
    };
    assert.equal(
      serviceStatusText(status),
      [
        'service     causeway of systemd (/etc/x.service)',
        '            starts with the machine, active, started again 2 times',
        'data        /var/lib/causeway',
        'supervisor  ready, process 812, since 2026-11-27T15:40:12.000Z',
        'controller  ready, process 830, since 2026-11-27T15:40:13.000Z',
        'database    not ready, does not run',
        'lanes       2, 1 of them older than the supervisor: u0 c0',
        '',
      ].join('\n'),
    );
    assert.equal(worksAsService(status), 1, 'a part is not ready');
    const allReady = { ...status, running: { ...running, parts: [], lanes: [] } };
    assert.equal(worksAsService(allReady), 0);
  });
});

describe('the files of a service', () => {
  const file = (place: string, text: string) => ({ path: place, mode: 0o644, text: `# ${serviceMarker}\n${text}\n` }) as const;

  it('are written where they differ, and removed where they are ours', async () => {
    await inDirectory(async (directory) => {
      const [one, other] = [path.join(directory, 'one'), path.join(directory, 'other')];
      await writeFiles(await changesOf([file(one, 'a')]));
      assert.deepEqual(await changesOf([file(one, 'a')]), []);
      const [change] = await changesOf([file(one, 'b')]);
      assert.deepEqual(lineDifference(change?.before ?? '', change?.text ?? ''), ['- a', '+ b']);
      await writeFile(other, 'an administrator wrote this\n');
      assert.deepEqual(await removeOurs([one, other, path.join(directory, 'none')]), [one]);
    });
  });

  it("are never put in the place of somebody else's", async () => {
    await inDirectory(async (directory) => {
      const place = path.join(directory, 'causeway.service');
      await writeFile(place, '[Unit]\n');
      await assert.rejects(changesOf([file(place, 'a')]), (error) => error instanceof CliFailure && error.exitCode === 1);
    });
  });
});
