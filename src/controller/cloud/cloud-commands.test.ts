import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { CloudId, CloudState } from '../../core/trace/cloud/cloud-state.ts';
import { cloudIds } from '../../core/trace/cloud/cloud-state.ts';
import { cloudVendors } from './cloud-vendors.ts';
import { answersFile, commandScript } from './command-script.ts';
import { recordedAnswers, vendorPrograms } from './test-vendor-programs.ts';

const run = promisify(execFile);
const at = '2026-11-27T08:00:00.000Z';

function scriptOf(cloud: CloudId, parameters: Readonly<Record<string, string>> = {}, address: string | null = '10.0.0.10') {
  return commandScript(cloud, cloudVendors[cloud].commands, { network: 'HQ `reboot`', address, parameters });
}

function stateOf(cloud: CloudId, answers: Readonly<Record<string, unknown>>): CloudState {
  const translated = cloudVendors[cloud].translate(answers, at);
  assert.ok(translated.ok, translated.ok ? '' : translated.error.message);
  return translated.state;
}

type Ran = { readonly code: number; readonly err: string; readonly answers: Record<string, unknown>; readonly body: unknown };

/** Runs a script with programs that print what is recorded, and refuse every other call; `refuse` are calls that the vendor refuses. */
async function runScript(cloud: CloudId, script: string, refuse: RegExp = /^$/): Promise<Ran> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-cloud-'));
  try {
    for (const [program, printed] of Object.entries(vendorPrograms(cloud))) {
      const cases = await Promise.all(
        Object.entries(printed).map(async ([args, text], index) => {
          const file = join(directory, `${program}.${String(index)}`);
          await writeFile(file, text);
          const what = refuse.test(args) ? 'echo AccessDenied >&2; exit 254' : `exec cat '${file}'`;
          return `${quoted(args)}) ${what} ;;`;
        }),
      );
      await mkdir(join(directory, 'bin'), { recursive: true });
      // It reads what it is given, as some do: a script on standard input would end here.
      const source = `#!/bin/sh\ncat >/dev/null\ncase "$*" in\n${cases.join('\n')}\n*) echo "unknown call: ${program} $*" >&2; exit 99 ;;\nesac\n`;
      await writeFile(join(directory, 'bin', program), source, { mode: 0o755 });
    }
    const env = { PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`, DIGITALOCEAN_TOKEN: 'secret' };
    const { code, err } = await run('sh', ['-c', script], { cwd: directory, env }).then(
      ({ stderr }) => ({ code: 0, err: stderr }),
      (error: { code: number; stderr: string }) => ({ code: error.code, err: error.stderr }),
    );
    const text = await readFile(join(directory, answersFile), 'utf8');
    const body: unknown = text === '' ? null : JSON.parse(text);
    return { code, err, body, answers: (body as { answers?: Record<string, unknown> } | null)?.answers ?? {} };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

describe('the commands that read a cloud', () => {
  for (const cloud of cloudIds) {
    const { commands, parts } = cloudVendors[cloud];

    it(`${cloud}: ask for every part that is read, and for no other`, () => {
      assert.deepEqual(commands.parts.map(({ part }) => part).toSorted(), parts.toSorted());
    });

    it(`${cloud}: change nothing`, () => {
      const asks = commands.parts.flatMap((part) => part.commands.map(({ ask }) => ask));
      for (const ask of asks) {
        assert.match(ask, /\b(?:describe|list|get|show)\b|aliyun \w+ Describe|^api "vpcs/, ask);
        assert.doesNotMatch(ask, /\b(?:create|update|delete|add|remove|set|modify)\b/i, ask);
      }
    });

    it(`${cloud}: print what makes the state that the API's own answers make`, async () => {
      const { script, missing } = scriptOf(cloud);
      const ran = await runScript(cloud, script);
      assert.deepEqual([ran.code, ran.err], [0, '']);
      const expected = stateOf(cloud, recordedAnswers(cloud));
      const state = stateOf(cloud, ran.answers);
      // One call of aliyun tells which table is the VPC's own, and nothing asks for that: its vSwitches name their tables.
      const plain = (of: CloudState) => ({ ...of, tables: of.tables?.map((table) => ({ ...table, main: false })) ?? null });
      assert.deepEqual(cloud === 'alibaba' ? plain(state) : state, cloud === 'alibaba' ? plain(expected) : expected);
      assert.ok(missing.every(({ word }) => script.includes(word)));
      const { readAt } = ran.body as { readAt: string };
      assert.ok(Math.abs(Date.parse(readAt) - Date.now()) < 60_000, readAt);
    });
  }

  it('leave out what they were not allowed, and say so', async () => {
    const refused = await runScript('aws', scriptOf('aws').script, /describe-(?:vpcs|security-groups|route-tables)/);
    assert.equal(refused.code, 0);
    assert.match(refused.err, /AccessDenied/);
    const state = stateOf('aws', refused.answers);
    assert.deepEqual([state.tables, state.id], [null, stateOf('aws', recordedAnswers('aws')).id]);
    assert.deepEqual(state.ranges, null);

    const group = await runScript('oci', scriptOf('oci').script, /nsg rules list/);
    const filters = stateOf('oci', group.answers).filters ?? [];
    assert.deepEqual(
      filters.map(({ label }) => label),
      ['Default Security List for hq'],
    );
    const rules = await runScript('alibaba', scriptOf('alibaba').script, /DescribeSecurityGroupAttribute .* sg-bp1s/);
    assert.deepEqual(
      stateOf('alibaba', rules.answers).filters?.map(({ id }) => id),
      ['sg-bp1c'],
    );
    const routes = await runScript('digitalocean', scriptOf('digitalocean').script, /routes\?per_page/);
    assert.equal(stateOf('digitalocean', routes.answers).tables, null);
  });

  it('end without an answer where the connector is not there', async () => {
    const { script } = scriptOf('aws', {}, '10.9.9.9');
    const ran = await runScript('aws', script);
    assert.equal(ran.code, 1);
    assert.match(ran.err, /causeway: vpc not found, so nothing was read/);
    assert.equal(ran.body, null);
  });

  it('use the names that are known', () => {
    const aws = scriptOf('aws', { region: 'eu-central-1', networkInterface: 'eni-0123' }, null);
    assert.match(aws.script, /^export AWS_REGION=eu-central-1$/m);
    assert.match(aws.script, /--network-interface-ids eni-0123 /);
    assert.deepEqual(aws.missing, []);
    assert.match(scriptOf('gcp', { vpcNetwork: 'hq', project: 'example-hq-1' }).script, /^network=hq$/m);
    const { missing } = scriptOf('alibaba', {}, null);
    assert.deepEqual(
      missing.map(({ word }) => word),
      ['REGION', 'CONNECTOR_LAN_ADDRESS'],
    );
  });

  it('carry the name of a network in a comment, and nothing of it that a shell takes for a command', () => {
    const [first] = scriptOf('aws').script.split('\n');
    assert.equal(first, `# Reads the cloud of network HQ -reboot with aws, changes nothing, and writes ${answersFile}.`);
  });
});

describe('what a command line printed', () => {
  it('azure: a refusal of a policy is taken from the activity log, and no other failure', () => {
    const [connector] = recordedAnswers('azure')['networkInterfaces'] as { id: string }[];
    assert.ok(connector);
    const statusMessage = `{"error":{"code":"RequestDisallowedByPolicy","message":"Resource 'x' was disallowed by policy."}}`;
    const refusals = [
      { resourceId: connector.id.toUpperCase(), properties: { statusMessage } },
      { resourceId: connector.id, properties: { statusMessage: 'Conflict' } },
      { resourceId: connector.id },
      { properties: null },
    ];
    const { cards } = stateOf('azure', { ...recordedAnswers('azure'), refusals });
    assert.equal(cards[0]?.refusal, "RequestDisallowedByPolicy: Resource 'x' was disallowed by policy.");
  });

  it('azure: interfaces of another network in the subscription are none of its cards', () => {
    const list = recordedAnswers('azure')['networkInterfaces'] as object[];
    const other = JSON.parse(JSON.stringify(list).replaceAll('virtualNetworks/hq', 'virtualNetworks/other')) as object[];
    const { cards } = stateOf('azure', { ...recordedAnswers('azure'), networkInterfaces: [...other, ...list] });
    assert.equal(cards.length, list.length);
  });

  it('digitalocean, alibaba: what was cut off at the end of a page is not known', () => {
    const ocean = recordedAnswers('digitalocean');
    const routes = [{ of: 'x', answer: { routes: [], links: { pages: { next: 'https://…' } } } }];
    assert.equal(stateOf('digitalocean', { ...ocean, routes }).tables, null);
    const cloud = recordedAnswers('alibaba');
    const [table] = cloud['routeTables'] as { RouteTableId: string; RouteEntrys: object }[];
    const [group] = cloud['securityGroups'] as { SecurityGroupId: string }[];
    assert.ok(table !== undefined && group !== undefined);
    const ofTable = (NextToken: string) => ({ of: table.RouteTableId, answer: { RouteEntrys: table.RouteEntrys, NextToken } });
    const ofGroup = (NextToken: string) => ({ of: group.SecurityGroupId, answer: { ...group, NextToken } });
    const counts = (token: string) => {
      const state = stateOf('alibaba', { ...cloud, routeTables: [ofTable(token)], securityGroups: [ofGroup(token)] });
      return [state.tables?.length, state.filters?.length];
    };
    assert.deepEqual(
      [counts(''), counts('more')],
      [
        [1, 1],
        [0, 0],
      ],
    );
  });

  it('may be anything, and is refused then, never thrown at', () => {
    let deep: unknown = 'x';
    for (let depth = 0; depth < 5_000; depth += 1) deep = { data: [deep] };
    for (const cloud of cloudIds) {
      for (const hostile of [null, 1, '', [], {}, [null], [[[]]], { data: 1 }, { of: 'x', answer: null }, deep]) {
        const answers = Object.fromEntries(cloudVendors[cloud].parts.map((part) => [part, hostile]));
        assert.equal(typeof cloudVendors[cloud].translate(answers, at).ok, 'boolean');
      }
      assert.equal(cloudVendors[cloud].translate({}, at).ok, false);
    }
  });
});
