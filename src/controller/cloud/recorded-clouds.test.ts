import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { CloudState } from '../../core/trace/cloud/cloud-state.ts';
import { cloudDelivers } from '../../core/trace/cloud/deliver.ts';
import { client, connector, crossing, ends, packet, server, stepsOfDelivery } from '../../core/trace/cloud/test-clouds.ts';
import { alibabaAnswers, fromAlibaba } from './from-alibaba.ts';
import { awsAnswers, fromAws } from './from-aws.ts';
import { azureAnswers, fromAzure } from './from-azure.ts';
import { digitaloceanAnswers, fromDigitalOcean } from './from-digitalocean.ts';
import { fromGoogle, googleAnswers } from './from-google.ts';
import { fromHetzner, hetznerAnswers } from './from-hetzner.ts';
import { fromOracle, oracleAnswers } from './from-oracle.ts';

const at = '2026-11-27T08:00:00.000Z';

/** aws.json is what the SDK got from moto; the others are shaped as the vendors document their answers. */
function recorded(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'recorded', `${name}.json`), 'utf8')) as Record<string, unknown>;
}

const read = {
  aws: (rest = {}) => fromAws(awsAnswers.parse({ ...recorded('aws'), ...rest }), at),
  azure: (rest = {}) => fromAzure(azureAnswers.parse({ ...recorded('azure'), ...rest }), at),
  google: (rest = {}) => fromGoogle(googleAnswers.parse({ ...recorded('google'), ...rest }), at),
  oracle: (rest = {}) => fromOracle(oracleAnswers.parse({ ...recorded('oracle'), ...rest }), at),
  hetzner: (rest = {}) => fromHetzner(hetznerAnswers.parse({ ...recorded('hetzner'), ...rest }), at),
  digitalocean: (rest = {}) => fromDigitalOcean(digitaloceanAnswers.parse({ ...recorded('digitalocean'), ...rest }), at),
  alibaba: (rest = {}) => fromAlibaba(alibabaAnswers.parse({ ...recorded('alibaba'), ...rest }), at),
} satisfies Record<string, (rest?: Record<string, unknown>) => CloudState>;

/** The client of a cloud that takes no route to 100.64.0.0/10 has another range. */
const privateClient = '172.20.0.13';

function thereAndBack(state: CloudState, source: string, port = 443): readonly [string, string] {
  const wanted = ['100.96.0.0/11', '172.20.0.0/16'] as PrefixText[];
  const asked = packet(source, server, { destinationPort: port });
  const there = cloudDelivers(state, { ...crossing(connector, asked), wanted });
  if (there.outcome.kind !== 'delivered') return [ends(there), ''];
  const answer = packet(server, source, { sourcePort: port, destinationPort: 40_000, kind: 'syn-ack' });
  return [ends(there), ends(cloudDelivers(state, { ...crossing(server, answer, there.outcome.remembered), wanted }))];
}

describe('answers of clouds', () => {
  const healthy = [`delivered to ${server}`, `delivered to ${connector}`];
  for (const [name, source] of [
    ['aws', client],
    ['azure', client],
    ['google', client],
    ['oracle', client],
    ['digitalocean', client],
    ['hetzner', privateClient],
    ['alibaba', privateClient],
  ] as const) {
    it(`${name}: a site that is set up for routed mode works`, () => {
      const state = read[name]();
      assert.deepEqual(thereAndBack(state, source), healthy);
      assert.deepEqual(state.reading, { from: 'api', at });
    });
  }
  for (const name of ['hetzner', 'alibaba'] as const) {
    it(`${name}: has no route to 100.96.0.0/11 and can have none`, () => {
      const state = read[name]();
      const answer = packet(server, client, { kind: 'syn-ack' });
      assert.equal(ends(cloudDelivers(state, crossing(server, answer))), 'dropped at router: cloud-route RANGE-UNROUTABLE');
    });
  }
  it('filter by port', () => {
    assert.equal(thereAndBack(read.aws(), client, 22)[0], 'dropped at receiver: cloud-filter-in SG-REF-LOST');
    assert.equal(thereAndBack(read.azure(), client, 23)[0], 'dropped at receiver: cloud-filter-in SG-DENY');
    assert.equal(thereAndBack(read.google(), client, 23)[0], 'dropped at receiver: cloud-filter-in SG-DENY');
    assert.equal(thereAndBack(read.oracle(), client, 80)[0], 'dropped at receiver: cloud-filter-in SG-DENY');
    assert.equal(thereAndBack(read.digitalocean(), client, 22)[0], 'dropped at receiver: cloud-filter-in SG-REF-LOST');
    assert.equal(thereAndBack(read.alibaba(), privateClient, 80)[0], 'dropped at receiver: cloud-filter-in SG-DENY');
  });
  it('that were refused leave their part unread', () => {
    assert.equal(thereAndBack(read.aws({ securityGroups: null }), client)[0], 'undetermined at receiver: cloud-filter-in');
    assert.equal(thereAndBack(read.aws({ routeTables: null }), client)[1], 'undetermined at router: cloud-route');
    assert.equal(thereAndBack(read.google({ firewalls: null }), client)[0], 'undetermined at receiver: cloud-filter-in');
    assert.equal(thereAndBack(read.oracle({ securityLists: null }), client)[0], 'undetermined at receiver: cloud-filter-in');
    assert.equal(thereAndBack(read.azure({ routeTables: null }), client)[1], 'undetermined at router: cloud-route');
  });
  it('aws: without the right to see the VPC, its ranges are those of the local routes', () => {
    assert.deepEqual(read.aws({ vpc: { VpcId: 'vpc-0' } }).ranges, ['10.0.0.0/16']);
  });
  it('azure: the message of a policy that refused is the cause', () => {
    const [first] = recorded('azure')['networkInterfaces'] as { id: string; properties: object }[];
    assert.ok(first);
    const checked = { ...first, properties: { ...first.properties, enableIPForwarding: false } };
    const message = 'RequestDisallowedByPolicy: 88c0b9da-ce96-4b03-9635-f29a937e2900';
    const state = read.azure({ networkInterfaces: [checked], refusals: [{ id: first.id, message }] });
    assert.equal(thereAndBack(state, client)[0], 'dropped at sender: nic-ingress AZ-POLICY-DENY');
  });
  it('google: a route whose next hop does not run is dead', () => {
    const routes = (recorded('google')['routes'] as { name: string }[]).map((route) =>
      route.name.startsWith('causeway') ? { ...route, warnings: [{ code: 'NEXT_HOP_NOT_RUNNING', message: '' }] } : route,
    );
    assert.equal(thereAndBack(read.google({ routes }), client)[1], 'dropped at router: cloud-route VPC-BLACKHOLE');
  });
  it('say in the words of the vendor what decided', () => {
    const quotes = (state: CloudState) =>
      stepsOfDelivery(cloudDelivers(state, crossing(connector, packet(client, server)))).flatMap(({ quote }) => quote ?? []);
    assert.ok(quotes(read.aws()).includes('tcp 443 from 100.96.0.0/11'));
    assert.ok(quotes(read.azure()).includes('200 causeway: allow all from 100.96.0.0/11'));
    assert.ok(quotes(read.google()).includes('1000 causeway-in: allow all'));
    assert.ok(quotes(read.oracle()).includes('tcp 443 from 100.96.0.0/11'));
  });
});
