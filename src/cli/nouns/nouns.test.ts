import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { IssuingController } from '../../controller/routes/test-api.ts';
import { issuingController, reportSession } from '../../controller/routes/test-api.ts';
import type { LocalSocket } from '../../controller/test-local-socket.ts';
import { serveLocally } from '../../controller/test-local-socket.ts';
import type { Ran, Terminal } from '../test-cli.ts';
import { causeway } from '../test-cli.ts';

let issuing: IssuingController;
let socket: LocalSocket;
let files: string;

before(async () => {
  issuing = await issuingController();
  socket = await serveLocally(issuing.controller.app);
  files = await mkdtemp(join(tmpdir(), 'cw-nouns-'));
});
after(async () => {
  await socket[Symbol.asyncDispose]();
  await issuing[Symbol.asyncDispose]();
  await rm(files, { recursive: true });
});

async function run(line: readonly string[], terminal?: Terminal): Promise<Ran> {
  return await causeway([...line, '--data', socket.data], terminal);
}

/** It must work, and say nothing on stderr but what is `said`. */
async function works(line: readonly string[], said = /^$/, terminal?: Terminal): Promise<string> {
  const ran = await run(line, terminal);
  assert.equal(ran.code, 0, `${line.join(' ')}: ${ran.err}`);
  assert.match(ran.err, said);
  return ran.out;
}

async function json(line: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await works([...line, '--json'])) as Record<string, unknown>;
}

async function refuses(line: readonly string[], code: number, says: RegExp, terminal?: Terminal): Promise<void> {
  const ran = await run(line, terminal);
  assert.match(ran.err, says, line.join(' '));
  assert.deepEqual([ran.code, ran.out], [code, ''], line.join(' '));
}

const hostile = 'Bad \u001b[31m\u009b2J\u202e"$(reboot)\'';

describe('network', () => {
  it('comes with prefixes, connectors and what is ours about it, from one command', async () => {
    const line = ['network', 'create', 'HQ Network', '--subnet', '10.0.0.0/18', '--subnet', '10.1.0.0/24', '--connector', 'hq-1'];
    const out = await works(
      [...line, '--nat', 'routed', '--egress', '--description', 'the first'],
      /^Next: causeway connector create CONNECTOR --network 'HQ Network'\n$/,
    );
    assert.equal(out, 'created network HQ Network\n');
    const network = await json(['network', 'show', 'HQ Network']);
    assert.equal(network['nat'], 'routed');
    assert.equal(network['egress'], true);
    assert.deepEqual(
      (network['routes'] as { subnet: string }[]).map(({ subnet }) => subnet),
      ['10.0.0.0/18', '10.1.0.0/24'],
    );
    assert.match(
      await works(['network', 'list']),
      /^ {2}NAME +SUBNETS +CONNECTORS +INTERNET ACCESS\n {2}HQ Network {2}10\.0\.0\.0\/18, 10\.1\.0\.0\/24 {2}hq-1 OFFLINE/,
    );
    assert.match(await works(['network', 'show', network['id'] as string]), /^ {2}nat +routed$/m);
  });

  it('is changed where options are given, and stays where none is', async () => {
    assert.equal(await works(['network', 'set', 'HQ Network', '--nat', 'masquerade']), 'changed network HQ Network\n');
    const network = await json(['network', 'show', 'HQ Network']);
    assert.deepEqual([network['nat'], network['description'], network['egress']], ['masquerade', 'the first', true]);
    assert.equal(
      (await json(['network', 'set', 'HQ Network', '--description', '', '--probe-target', '10.0.0.1']))['description'],
      '',
    );
    assert.deepEqual((await json(['network', 'set', 'HQ Network', '--no-probe-target']))['probeTargets'], []);
    await works(['network', 'set', 'HQ Network', '--name', 'Head Office', '--no-egress']);
    await works(['network', 'set', 'Head Office', '--name', 'HQ Network', '--egress']);
  });

  it('is checked, and what waits for its machine is no failure but what has no connector is', async () => {
    const text = await works(['network', 'check', 'HQ Network', '--ascii']);
    assert.match(text, /^hq-1\n.*tunnel +waiting/);
    assert.match(text, /\? way back +waiting/);
    const found = await json(['network', 'check', 'HQ Network']);
    assert.deepEqual(Object.keys(found), ['revision', 'checkedAt', 'connectors']);
  });

  it('says what a change would do, and does not do it', async () => {
    assert.equal(
      await works(['network', 'set', 'HQ Network', '--nat', 'routed', '--dry-run']),
      '0 connections will be reset.\n1 router needs a new route to 100.96.0.0/11: HQ Network.\n',
    );
    assert.equal(
      await works(['network', 'set', 'HQ Network', '--nat', 'masquerade', '--dry-run']),
      'Nothing would change: it is so already.\n',
    );
    const impact = await json(['network', 'delete', 'HQ Network', '--dry-run']);
    assert.deepEqual([impact['changes'], impact['cut']], [true, { people: 0, devices: 0, connectors: 0 }]);
    assert.equal((await json(['network', 'show', 'HQ Network']))['nat'], 'masquerade');
  });

  it('gains and loses prefixes', async () => {
    assert.equal(
      await works(['network', 'add-subnet', 'HQ Network', '10.20.0.0/16', '10.30.0.0/16']),
      'added 10.20.0.0/16, 10.30.0.0/16 to network HQ Network\n',
    );
    const line = ['network', 'remove-subnet', 'HQ Network', '10.20.0.0/16', '10.30.0.0/16'];
    await refuses(
      line,
      2,
      /This takes 10\.20\.0\.0\/16, 10\.30\.0\.0\/16 from network HQ Network\.\n.*connections to it end.*\n.*no terminal.*--yes/,
    );
    assert.equal(await works([...line, '--yes']), 'removed 10.20.0.0/16, 10.30.0.0/16 from network HQ Network\n');
    await refuses(line, 2, /10\.20\.0\.0\/16 is no prefix of network "HQ Network"; it has 10\.0\.0\.0\/18, 10\.1\.0\.0\/24/);
    const half = ['network', 'add-subnet', 'HQ Network', '10.40.0.0/16', '10.0.0.0/18'];
    await refuses(half, 1, /network HQ Network has 10\.40\.0\.0\/16, but POST \S+ was answered with 400: .*overlaps/);
    await works(['network', 'remove-subnet', 'HQ Network', '10.40.0.0/16', '--yes']);
    await refuses(['network', 'remove-subnet', 'HQ Network', 'x'], 2, /it has 10\.0\.0\.0\/18/);
  });

  it('says what its second part was refused for, and that the first is done', async () => {
    const line = ['network', 'create', 'Half', '--probe-target', 'nonsense'];
    await refuses(line, 1, /network Half is there now, but PATCH \S+ was answered with 400: .*nonsense/);
    await refuses(['network', 'set', 'Half', '--probe-target', 'nonsense'], 2, /^causeway: PATCH/);
    await works(['network', 'delete', 'Half', '--yes']);
  });
});

describe('connector', () => {
  it('belongs to a network or a host, and is found by its name in it', async () => {
    assert.equal(await works(['host', 'create', 'build server', '--connector', 'hq-1'], /Next:/), 'created host build server\n');
    assert.match(
      await works(['connector', 'create', 'hq-2', '--network', 'HQ Network'], /^Next: causeway connector install hq-2\n$/),
      /^created connector hq-2, 100\.\d+\.\d+\.\d+\n$/,
    );
    await refuses(
      ['connector', 'show', 'hq-1'],
      2,
      /more than one connector is called hq-1; .*:\n.* hq-1 {2}HQ Network\n.* hq-1 {2}build server\n/,
    );
    const shown = await works(['connector', 'show', 'HQ Network/hq-1']);
    assert.match(shown, /^ {2}network +HQ Network$/m);
    assert.match(shown, /^ {2}role +offline$/m);
    assert.match(await works(['connector', 'show', 'build server/hq-1']), /^ {2}host +build server$/m);
    const list = await works(['connector', 'list']);
    assert.match(list, /^ {2}NAME +NETWORK OR HOST +CONNECTION/);
    assert.match(list, /^ {2}hq-1 +build server +OFFLINE/m);
    await refuses(['connector', 'create', 'x'], 2, /give --network NETWORK or --host HOST/);
    await refuses(['connector', 'create', 'x', '--network', 'HQ Network', '--host', 'build server'], 2, /belongs to one thing/);
  });

  it('is drained, resumed, suspended and activated', async () => {
    assert.match(await works(['connector', 'drain', 'hq-2'], /goes on serving its network/), /^HQ Network\/hq-2 is draining\n$/);
    assert.equal(await works(['connector', 'resume', 'hq-2']), 'HQ Network/hq-2 takes traffic again\n');
    await refuses(['connector', 'drain', 'build server/hq-1'], 1, /409: Connector hq-1 stands at a host/);
    const asked = await run(['connector', 'suspend', 'hq-2'], { answers: ['n'] });
    assert.deepEqual([asked.code, asked.err], [1, 'causeway: nothing was changed\n']);
    assert.deepEqual(asked.questions, [
      'This cuts HQ Network/hq-2 at once: nothing passes through it until it is activated.\nGo on? [y/N] ',
    ]);
    assert.equal(await works(['connector', 'suspend', 'hq-2'], /^$/, { answers: ['yes'] }), 'HQ Network/hq-2 is suspended\n');
    assert.match(await works(['connector', 'show', 'hq-2']), /suspended/);
    assert.equal(await works(['connector', 'activate', 'hq-2']), 'HQ Network/hq-2 may connect\n');
  });

  it('is installed by a line, with progress on stderr until it is ONLINE', async () => {
    assert.match(await works(['connector', 'install', 'hq-2']), /^curl .*\| sh -s -- [0-9a-f]{64}\n$/);
    const late = await run(['connector', 'install', 'hq-2', '--wait', '1']);
    assert.match(late.out, /^curl /);
    assert.match(
      late.err,
      /^HQ Network\/hq-2: waiting for its machine\ncauseway: HQ Network\/hq-2 is not ONLINE after 1 s: the line was not pasted yet/,
    );
    assert.equal(late.code, 1);
    const { id } = await json(['connector', 'show', 'hq-2']);
    const waiting = run(['connector', 'install', 'hq-2', '--wait', '--json']);
    await reportSession(issuing, { connector: String(id) }, { state: 'established' });
    const ran = await waiting;
    assert.equal(typeof JSON.parse(ran.out).installCommand, 'string');
    assert.match(ran.err, /HQ Network\/hq-2 is ONLINE\n$/);
    assert.equal(ran.code, 0);
    await refuses(['connector', 'install', 'hq-2', '--wait', '0'], 2, /0 is not a number of seconds from 1 to 86400/);
  });

  it('gives a profile and a set-up token, and what its agent reports', async () => {
    const path = join(files, 'hq-2.ovpn');
    await works(['connector', 'profile', 'hq-2', path], /private key/);
    assert.match(await readFile(path, 'utf8'), /<key>/);
    assert.match(await works(['connector', 'setup-token', 'build server/hq-1']), /^\S+\n$/);
    assert.equal(await works(['connector', 'observations', 'hq-2']), 'It has reported nothing yet.\n');
  });

  it('is changed and deleted', async () => {
    await works(['connector', 'set', 'build server/hq-1', '--description', 'the host itself', '--name', 'build-1']);
    assert.match(await works(['connector', 'show', 'build-1']), /^ {2}description +the host itself$/m);
    const asked = await run(['connector', 'delete', 'hq-2'], { answers: ['y'] });
    assert.deepEqual(asked.questions, [
      'This deletes connector hq-2.\nIts tunnel is cut (ONLINE), and it can never connect again.\nGo on? [y/N] ',
    ]);
    assert.equal(asked.out, 'deleted connector hq-2\n');
    assert.deepEqual(Object.keys(await json(['connector', 'delete', 'build-1', '--yes'])), ['id', 'name']);
  });
});

describe('host', () => {
  it('is listed, shown, changed and deleted', async () => {
    assert.match(await works(['host', 'list']), /^ {2}build server +none +none/m);
    await works(['host', 'set', 'build server', '--internet-access', 'split_tunnel_off', '--internet-gateway', 'HQ Network']);
    assert.match(await works(['host', 'show', 'build server']), /^ {2}by internet gateways +HQ Network$/m);
    await works(['host', 'set', 'build server', '--no-internet-gateway']);
    assert.deepEqual((await json(['host', 'show', 'build server']))['gatewaysIds'], []);
    assert.equal(await works(['host', 'delete', 'build server', '--yes']), 'deleted host build server\n');
    assert.equal(await works(['host', 'list']), 'There is no host yet; causeway host create NAME --connector NAME makes one.\n');
  });
});

describe('group and user', () => {
  it('groups are made from the words of the contract', async () => {
    await works([
      'group',
      'create',
      'Staff',
      '--max-devices',
      '3',
      '--no-all-regions',
      '--region',
      'eu-central-1',
      '--bypass',
      '192.0.2.0/24',
      '--internet-access',
      'split_tunnel_off',
    ]);
    const group = await works(['group', 'show', 'Staff']);
    assert.match(group, /^ {2}devices +at most 3 of each user$/m);
    assert.match(group, /^ {2}regions +eu-central-1$/m);
    assert.match(group, /^ {2}outside the tunnel +192\.0\.2\.0\/24$/m);
    await works(['group', 'set', 'Staff', '--all-regions', '--no-bypass', '--internet-access', 'SPLIT_TUNNEL_ON']);
    assert.match(await works(['group', 'list']), /^ {2}Staff +SPLIT_TUNNEL_ON +3 +NO_AUTH +all$/m);
    await refuses(['group', 'create', 'X', '--max-devices', '0'], 2, /--max-devices .*0 is not a number from 1 to 1000/);
    await refuses(
      ['group', 'create', 'X', '--internet-access', 'on'],
      2,
      /on is not allowed; allowed: SPLIT_TUNNEL_ON, SPLIT_TUNNEL_OFF, RESTRICTED_INTERNET/,
    );
  });

  it('users are in groups by name, and are suspended, activated and deleted', async () => {
    await works(
      ['user', 'create', 'bob', '--group', 'Staff', '--email', 'bob@example.com', '--first-name', 'Bob', '--device', 'laptop'],
      /^Next: causeway device create DEVICE --user bob\n$/,
    );
    const shown = await works(['user', 'show', 'bob']);
    assert.match(shown, /^ {2}group +Staff$/m);
    assert.match(shown, /^ {2}devices +laptop {2}OFFLINE {2}100\./m);
    assert.match(await works(['user', 'list']), /^ {2}bob +Bob +bob@example\.com +Staff +MEMBER +INVITED +OFFLINE +laptop$/m);
    await refuses(
      ['user', 'suspend', 'bob'],
      2,
      /^causeway: This cuts all devices of bob at once and refuses them\.\nnothing was changed: there is no terminal to ask on; add --yes to do it\n$/,
    );
    assert.equal(await works(['user', 'suspend', 'bob', '--yes']), 'bob is suspended\n');
    assert.equal((await json(['user', 'show', 'bob']))['status'], 'SUSPENDED');
    assert.equal((await json(['user', 'activate', 'bob']))['status'], 'ACTIVE');
    await works(['user', 'set', 'bob', '--group', 'Default']);
    await works(['user', 'create', 'eve', '--device', 'phone'], /Next/);
    const asked = await run(['user', 'delete', 'eve'], { answers: ['y'] });
    assert.match(asked.questions.join(''), /All devices are cut, and their profiles never work again: phone OFFLINE\./);
    assert.equal(asked.out, 'deleted user eve\n');
    await refuses(['group', 'delete', 'Default', '--yes'], 1, /answered with 409: /);
    await works(['group', 'delete', 'Staff', '--yes']);
  });
});

describe('device', () => {
  it('is found as USER/DEVICE, and its profile is for its owner alone', async () => {
    assert.match(
      await works(['device', 'create', 'phone', '--user', 'bob'], /^Next: causeway device profile phone FILE\n$/),
      /^created device phone, 100\./,
    );
    const path = join(files, 'bob.ovpn');
    assert.equal(await works(['device', 'profile', 'bob/phone', path], /private key/), `wrote the profile of phone to ${path}\n`);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.match(await readFile(path, 'utf8'), /<key>/);
    await refuses(['device', 'profile', 'bob/phone', path], 2, /bob\.ovpn"? is there already/);
    assert.match(await works(['device', 'profile', 'bob/phone', '-']), /<key>/);
    const never = join(files, 'never.ovpn');
    await refuses(['device', 'profile', 'bob/phone', never, '--region', 'nowhere'], 2, /400: regionId: "nowhere"/);
    await assert.rejects(stat(never), { code: 'ENOENT' });
    await refuses(['device', 'profile', 'bob/phone', join(files, 'no', 'such')], 2, /cannot be made/);
  });

  it('is listed by user, changed, revoked and deleted', async () => {
    assert.match(
      await works(['device', 'list', '--user', 'bob']),
      /^ {2}USER +NAME +ADDRESS +CONNECTION +DESCRIPTION\n {2}bob +laptop +100\./,
    );
    await refuses(['device', 'list', '--user', 'bod'], 2, /no user has the name or id bod; did you mean bob\?/);
    await works(['device', 'set', 'bob/phone', '--description', 'blue']);
    assert.match(await works(['device', 'show', 'phone']), /^ {2}description +blue$/m);
    assert.equal(await works(['device', 'revoke', 'phone', '--yes']), 'every profile of bob/phone is revoked\n');
    assert.equal(await works(['device', 'delete', 'phone', '--yes']), 'deleted device phone\n');
  });
});

describe('session, credential and setting', () => {
  it('sessions are listed, up to a limit', async () => {
    const { id, userId } = await json(['device', 'show', 'laptop']);
    for (let count = 0; count < 3; count += 1)
      await reportSession(issuing, { device: String(id), user: String(userId) }, { state: 'established' });
    assert.match(await works(['session', 'list', '--status', 'active']), /^ {2}WHO +STATUS +SINCE/);
    assert.equal((JSON.parse(await works(['session', 'list', '--limit', '2', '--json'])) as unknown[]).length, 2);
    assert.match(await works(['session', 'list', '--until', '2100-01-01T00:00:00Z']), /bob\/laptop/);
    await refuses(['session', 'list', '--since', 'yesterday'], 2, /400: startDate: "yesterday" is not allowed/);
  });

  it('credentials are made, listed without secrets, and withdrawn', async () => {
    const made = await works(
      ['credential', 'create', 'reader', '--permission', 'network:read', '--expires-at', '2100-01-01T00:00:00Z'],
      /cannot be shown again/,
    );
    const secret = /^created API credential reader, client id \S+\nclient secret (\S+)\n$/.exec(made)?.[1] ?? '';
    assert.ok(secret.length > 20);
    for (const line of [
      ['credential', 'list'],
      ['credential', 'show', 'reader'],
      ['credential', 'list', '--json'],
    ]) {
      const shown = await works(line);
      assert.match(shown, /network:read/);
      assert.ok(!shown.includes(secret));
    }
    assert.match(await works(['credential', 'list']), /2100-01-01T00:00:00\.000Z +never$/m);
    await refuses(
      ['credential', 'create', 'x', '--permission', 'network:fly'],
      2,
      /network:fly is not allowed; allowed: all:read/,
    );
    await refuses(['credential', 'delete', 'reader'], 2, /refused at once \(last used: never\)/);
    assert.equal(await works(['credential', 'delete', 'reader', '--yes']), 'deleted API credential reader\n');
  });

  it('settings are read and written by their names in the API', async () => {
    const list = await works(['setting', 'list']);
    for (const name of [
      'wpc/subnet',
      'wpc/topology',
      'wpc/default-region',
      'wpc/name',
      'user/device-allowance',
      'user/profile-distribution',
      'dns/custom-servers',
      'internet-access',
      'retention',
    ])
      assert.match(list, new RegExp(`^ {2}${name} `, 'm'));
    assert.equal(await works(['setting', 'show', 'dns/custom-servers']), 'none\n');
    const cases: readonly (readonly [name: string, values: readonly string[], then: string])[] = [
      ['dns/custom-servers', ['9.9.9.9', '1.1.1.1'], '9.9.9.9 1.1.1.1'],
      ['dns/custom-servers', ['none'], 'none'],
      ['user/device-allowance', ['4'], '4'],
      ['wpc/default-region', ['eu-central-1'], 'eu-central-1'],
      ['wpc/name', ['Example', 'Works'], 'Example Works'],
      ['user/profile-distribution', ['manual'], 'MANUAL'],
      ['user/profile-distribution', ['AUTOMATIC'], 'AUTOMATIC'],
      ['wpc/topology', ['FULL_MESH'], 'FULL_MESH'],
      ['wpc/subnet', ['100.96.0.0/11'], '100.96.0.0/11'],
      ['internet-access', ['split_tunnel_on'], 'SPLIT_TUNNEL_ON'],
      ['retention', ['events=7', 'audit=90'], 'events=7 audit=90 sessions=30 mails=30 invitations=30'],
    ];
    for (const [name, values, then] of cases) {
      assert.equal(await works(['setting', 'set', name, ...values]), `${name} is ${then}\n`);
      assert.equal(await works(['setting', 'show', name]), `${then}\n`);
    }
    assert.equal(await works(['setting', 'show', 'user/device-allowance', '--json']), '4\n');
    assert.equal((await json(['setting', 'list']))['dns/custom-servers'], null);
    await refuses(['setting', 'set', 'user/device-allowance', 'many'], 2, /400: .*allowed: 1 to 1000/);
    await refuses(['setting', 'set', 'retention', 'audit=7'], 2, /audit: 7 is not allowed; allowed: at least 30/);
    await refuses(['setting', 'set', 'retention', 'cats=7'], 2, /cats/);
    await refuses(['setting', 'set', 'wpc/topology', 'CUSTOM'], 2, /access groups do not exist yet/);
    await refuses(['setting', 'set', 'wpc/nope', 'x'], 2, /Allowed choices are wpc\/subnet/);
  });
});

describe('every noun', () => {
  it('keeps what names hold from the terminal, in tables, questions, refusals and JSON', async () => {
    await works(['network', 'create', hostile], /Next/);
    const asked = await run(['network', 'delete', hostile], { answers: ['n'] });
    const { id } = await json(['network', 'show', hostile]);
    const all = [
      await works(['network', 'list']),
      await works(['network', 'list', '--json']),
      await works(['network', 'show', hostile]),
      asked.questions.join(''),
      (await run(['network', 'delete', hostile])).err,
      (await run(['network', 'show', 'nothing at all'])).err,
      (await run(['network', 'set', hostile, '--probe-target', hostile])).err,
      (await run(['connector', 'create', 'a', '--network', `${hostile}x`])).err,
      await works(['network', 'delete', String(id), '--yes']),
    ];
    for (const text of all) assert.doesNotMatch(text, /[^\P{C}\n]/u);
  });

  it('refuses an unknown name with the nearest, and options that it does not have', async () => {
    await refuses(['network', 'show', 'HQ Netwrk'], 2, /no network has the name or id "HQ Netwrk"; did you mean "HQ Network"\?/);
    await refuses(['user', 'show', 'alice'], 2, /no user has the name or id alice; there are:\n {2}\S+ {2}bob\n/);
    await refuses(['host', 'show', 'x'], 2, /no host has the name or id x; there is none yet/);
    await refuses(['network', 'set', 'HQ Network', '--nope'], 2, /unknown option '--nope'/);
    await refuses(['network', 'set', 'HQ Network'], 2, /nothing to change is given; allowed: --description, .*--nat/);
    await refuses(['network', 'show'], 2, /missing required argument 'NETWORK'/);
    await refuses(['network', 'fly'], 2, /unknown command 'fly'/);
    await refuses(
      ['network', 'create', 'HQ Network 2', '--subnet', '10.0.0.0/18'],
      2,
      /400: .*overlaps 10\.0\.0\.0\/18 of network/,
    );
    await refuses(['network', 'create', ''], 2, /400: name: "" is empty/);
  });

  it('ends with 3 where nothing answers', async () => {
    for (const line of [
      ['network', 'list'],
      ['setting', 'show', 'wpc/subnet'],
      ['user', 'delete', 'bob', '--yes'],
    ]) {
      const ran = await causeway([...line, '--data', join(files, 'nowhere')]);
      assert.match(ran.err, /no controller answers at/);
      assert.deepEqual([ran.code, ran.out], [3, '']);
    }
  });
});
