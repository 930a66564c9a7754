import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { Namespace, connectHosts, until } from '../testing/namespace.ts';

/** Starts a process in the namespace that probes by LaneProbe and prints what it hears. */
const prober = `
import { LaneProbe } from ${JSON.stringify(new URL('lane-probe.ts', import.meta.url).href)};
const spec = JSON.parse(process.argv[1]);
const say = (word) => process.stdout.write(word + '\\n');
const probe = new LaneProbe(spec, {
  periodMs: 100,
  heard: ({ kind, address }) => say(kind + ' ' + address),
  broken: ({ message }) => say('broken ' + message),
});
setInterval(() => probe.look(performance.now()), 100);
process.on('message', (change) => { Object.assign(spec, change); probe.want({ ...spec }); });
`;

/** The same by ProbeSet, with a clock that is set ahead by the milliseconds of each message. */
const proberWithClock = `
import { ProbeSet } from ${JSON.stringify(new URL('probe-set.ts', import.meta.url).href)};
const now = Date.now;
let aheadMs = 0;
Date.now = () => now() + aheadMs;
const say = (word) => process.stdout.write(word + '\\n');
const probes = new ProbeSet({
  periodMs: 100,
  heard: (endpoint, { kind, address }) => say(kind + ' ' + address),
  broken: ({ message }) => say('broken ' + message),
});
probes.want(new Map([['connector:1', JSON.parse(process.argv[1])]]));
process.on('message', (ms) => { aheadMs += ms; });
`;

function startProber(host: Namespace, addresses: readonly string[], timeoutMs = 100, program = prober) {
  const spec = { device: 'lan0', source: '10.9.0.1', addresses, timeoutMs };
  const child = spawn(
    'ip',
    ['netns', 'exec', host.name, process.execPath, '--input-type=module', '-e', program, JSON.stringify(spec)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const heard: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => heard.push(...text.trim().split('\n')));
  return { child, heard };
}

function fpings(host: Namespace): string[] {
  const pids = host.exec('ip', 'netns', 'pids', host.name).trim().split('\n');
  return pids.filter((pid) => pid !== '' && isFping(host, pid));
}

function isFping(host: Namespace, pid: string): boolean {
  try {
    return host.exec('cat', `/proc/${pid}/comm`).trim() === 'fping';
  } catch {
    return false;
  }
}

function pair(): { readonly gateway: Namespace; readonly site: Namespace } & Disposable {
  const [gateway, site] = [new Namespace('gw'), new Namespace('site')];
  connectHosts(gateway, 'lan0', '10.9.0.1/24', site, 'lan0', '10.9.0.2/24');
  site.ip('addr add 10.9.0.3/24 dev lan0');
  return {
    gateway,
    site,
    [Symbol.dispose]: () => {
      for (const host of [gateway, site]) host[Symbol.dispose]();
    },
  };
}

describe('probes through a device', { concurrency: 3 }, () => {
  it('begins anew when the clock is set, either way, and takes nothing for missed', async () => {
    using hosts = pair();
    const { child, heard } = startProber(hosts.gateway, ['10.9.0.2'], 100, proberWithClock);
    try {
      // By then its clock has been looked at.
      await until('it has answered for some periods', () => heard.length > 5);
      for (const aheadMs of [3_600_000, -7_200_000]) {
        const [before] = fpings(hosts.gateway);
        child.send(aheadMs);
        await until('another process probes', () => fpings(hosts.gateway).some((pid) => pid !== before));
        const said = heard.length;
        await until('it answers again', () => heard.length > said + 2);
      }
      assert.deepEqual(new Set(heard), new Set(['answered 10.9.0.2']));
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('tells answers and misses of each address as they come, in one process', async () => {
    using hosts = pair();
    const { child, heard } = startProber(hosts.gateway, ['10.9.0.2', '10.9.0.3']);
    await until('both answer', () => heard.includes('answered 10.9.0.2') && heard.includes('answered 10.9.0.3'));
    const [first] = fpings(hosts.gateway);
    hosts.site.exec('nft', 'add table inet t; add chain inet t i { type filter hook input priority 0; }');
    const began = performance.now();
    hosts.site.exec('nft', 'add rule inet t i ip daddr 10.9.0.3 drop');
    const misses = () => heard.filter((word) => word === 'missed 10.9.0.3').length;
    await until('three are missed', () => misses() >= 3, 2_000);
    const took = performance.now() - began;
    assert.equal(heard.includes('missed 10.9.0.2'), false);
    assert.deepEqual(fpings(hosts.gateway), [first]);
    child.kill('SIGKILL');
    await until('fping has ended with the one that started it', () => fpings(hosts.gateway).length === 0, 2_000);
    assert.ok(took < 1_000, `three misses at 100 ms took ${String(took)} ms`);
  });

  it('counts what cannot be sent as missed, and goes on when it can', async () => {
    using hosts = pair();
    const { child, heard } = startProber(hosts.gateway, ['10.9.0.2']);
    await until('it answers', () => heard.includes('answered 10.9.0.2'));
    hosts.gateway.ip('link del lan0');
    await until('it is missed', () => heard.filter((word) => word === 'missed 10.9.0.2').length >= 3, 5_000);
    connectHosts(hosts.gateway, 'lan0', '10.9.0.1/24', hosts.site, 'lan0', '10.9.0.2/24');
    heard.length = 0;
    await until('it answers again', () => heard.includes('answered 10.9.0.2'), 6_000);
    child.kill('SIGKILL');
    await until('nothing is left', () => fpings(hosts.gateway).length === 0, 2_000);
  });

  it('takes it for no miss when fping cannot probe at all, and goes on when it can', async () => {
    using hosts = pair();
    hosts.gateway.ip('addr del 10.9.0.1/24 dev lan0');
    const { child, heard } = startProber(hosts.gateway, ['10.9.0.2']);
    await until('why is told', () => heard.some((word) => /^broken fping ended with code \d+: .*cannot bind/.test(word)));
    hosts.gateway.ip('addr add 10.9.0.1/24 dev lan0');
    await until('it answers', () => heard.includes('answered 10.9.0.2'), 6_000);
    assert.equal(heard.includes('missed 10.9.0.2'), false);
    child.kill('SIGKILL');
    await until('nothing is left', () => fpings(hosts.gateway).length === 0, 2_000);
  });

  it('starts fping again when that was killed, and for another timeout only if it is too short or much too long', async () => {
    using hosts = pair();
    const { child, heard } = startProber(hosts.gateway, ['10.9.0.2'], 400);
    await until('it answers', () => heard.includes('answered 10.9.0.2'));
    const [first = ''] = fpings(hosts.gateway);
    hosts.gateway.exec('kill', '-9', first);
    await until('one miss is told', () => heard.filter((word) => word === 'missed 10.9.0.2').length === 1);
    const second = await until('another one runs', () => fpings(hosts.gateway).find((pid) => pid !== first));
    const sends = async (timeoutMs: number) => {
      child.send({ timeoutMs });
      heard.length = 0;
      await until('it answers', () => heard.filter((word) => word === 'answered 10.9.0.2').length > 2);
      return fpings(hosts.gateway);
    };
    assert.deepEqual(await sends(300), [second], 'a little too long is left alone');
    const [third] = await sends(100);
    assert.notEqual(third, second);
    assert.notDeepEqual(await sends(150), [third]);
    child.kill('SIGKILL');
    await until('nothing is left', () => fpings(hosts.gateway).length === 0, 2_000);
  });
});
