import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AddressText } from '../../ip/address.ts';
import { strictAddress } from '../../ip/address.ts';
import type { CloudId, CloudState, Filter, FilterRule, NetworkCard, Peer } from './cloud-state.ts';
import { cloudDelivers } from './deliver.ts';
import {
  back,
  changed,
  client,
  cloud,
  connector,
  crossing,
  ends,
  filter,
  packet,
  prefix,
  rule,
  server,
  table,
  there,
  wpc,
} from './test-clouds.ts';

type Rules = readonly FilterRule[];

const allOut = rule('all out', { direction: 'out' });
const tcp = (text: string, port: number, source: string, rest: Partial<FilterRule> = {}) =>
  rule(text, { protocol: 'tcp', ports: [{ from: port, to: port }], peers: [prefix(source)], ...rest });
const delivered = `delivered to ${server}`;
const answered = `delivered to ${connector}`;

/** The server's own filter has these rules. */
function guarded(id: CloudId, rules: Rules | null, change: (state: CloudState) => Partial<CloudState> = () => ({})): CloudState {
  return cloud(id, (state) => {
    const filters = changed(state.filters, 'sg-s', { rules });
    return { filters, ...change({ ...state, filters }) };
  });
}

/** The subnet of the server has a filter with these rules. */
function fenced(id: CloudId, rules: Rules, change: (state: CloudState) => Partial<CloudState> = () => ({})): CloudState {
  return cloud(id, (state) => ({
    filters: [...(state.filters ?? []), filter('acl-s', rules)],
    subnets: changed(state.subnets, 'subnet-s', { filters: ['acl-s'] }),
    ...change(state),
  }));
}

describe('security groups of AWS', () => {
  const sgDeny = 'dropped at receiver: cloud-filter-in SG-DENY';
  const ofConnector: Peer = { kind: 'group', id: 'sg-c' };
  const cases: readonly {
    readonly name: string;
    readonly rules: Rules | null;
    readonly source?: string;
    readonly ends: string;
  }[] = [
    { name: 'no rule', rules: [], ends: sgDeny },
    { name: 'another port', rules: [tcp('tcp 22', 22, wpc)], ends: sgDeny },
    { name: 'another source', rules: [tcp('tcp 443', 443, '10.0.0.0/16')], ends: sgDeny },
    { name: 'another protocol', rules: [rule('udp', { protocol: 'udp' })], ends: sgDeny },
    { name: 'one of several allows', rules: [tcp('tcp 22', 22, wpc), tcp('tcp 443', 443, wpc)], ends: delivered },
    {
      name: "the connector's group, behind NAT",
      rules: [rule('all from sg-c', { peers: [ofConnector] })],
      source: connector,
      ends: delivered,
    },
    {
      name: "the connector's group, with the client's source",
      rules: [rule('all from sg-c', { peers: [ofConnector] })],
      ends: 'dropped at receiver: cloud-filter-in SG-REF-LOST',
    },
    {
      name: "the connector's group for another port is no reference that was lost",
      rules: [tcp('tcp 22 from sg-c', 22, wpc, { peers: [ofConnector] })],
      ends: sgDeny,
    },
    {
      name: 'the group of somebody else',
      rules: [rule('all from sg-x', { peers: [{ kind: 'group', id: 'sg-x' }] })],
      ends: sgDeny,
    },
    { name: 'rules were not read', rules: null, ends: 'undetermined at receiver: cloud-filter-in' },
    {
      name: 'a prefix list that was not read may be of any addresses',
      rules: [rule('all from pl-1', { peers: [{ kind: 'named', name: 'pl-1' }] })],
      ends: 'undetermined at receiver: cloud-filter-in',
    },
  ];
  for (const { name, rules, source = client, ends: wanted } of cases) {
    it(name, () => {
      assert.equal(ends(there(guarded('aws', rules && [...rules, allOut]), source)), wanted);
    });
  }

  it('says of the nearest rules what does not match', () => {
    const rules = [tcp('tcp 22 from the LAN', 22, '10.0.0.0/16'), tcp('tcp 443 from the LAN', 443, '10.0.0.0/16')];
    const step = there(guarded('aws', rules)).receiver.at(-1);
    assert.equal(
      step?.detail,
      'security group sg-s, into nic-s has no rule that allows it; rules that allow other packets: ' +
        '"tcp 443 from the LAN" (not its source); "tcp 22 from the LAN" (not its port, source)',
    );
    assert.deepEqual(
      [step.cause?.facts.resource, step.cause?.facts.family, step.cause?.facts.port],
      ['sg-s', 'security group', 443],
    );
  });

  it('a server needs no rule for its answer, and one for what it begins', () => {
    const silent = [tcp('tcp 443', 443, wpc)];
    assert.equal(ends(back(guarded('aws', silent))), answered);
    const begun = cloudDelivers(guarded('aws', silent), crossing(server, packet(server, client)));
    assert.equal(ends(begun), 'dropped at sender: cloud-filter-out SG-DENY');
  });

  it("what the LAN begins is for the connector's own group", () => {
    const closed = (state: CloudState) => ({ filters: changed(state.filters, 'sg-c', { rules: [allOut] }) });
    assert.equal(ends(back(cloud('aws', closed))), answered);
    const begun = cloudDelivers(cloud('aws', closed), crossing(server, packet(server, client)));
    assert.equal(ends(begun), 'dropped at receiver: cloud-filter-in SG-CONNECTOR-IN');
  });

  it('an answer that comes to another connector is no answer there', () => {
    const second: Partial<NetworkCard> = { id: 'eni-second', addresses: ['10.0.0.11' as AddressText], aliases: [] };
    const state = cloud('aws', (all) => {
      const [first] = all.cards;
      assert.ok(first);
      return {
        cards: [...all.cards, { ...first, ...second }],
        filters: changed(all.filters, 'sg-c', { rules: [allOut] }),
        tables: [
          table(
            'rtb-0main',
            (all.tables?.[0]?.routes ?? []).map((each) => ({ ...each, target: { kind: 'card', name: 'eni-second' } })),
            true,
          ),
        ],
      };
    });
    const { outcome } = there(state);
    assert.ok(outcome.kind === 'delivered');
    const answer = packet(server, client, { sourcePort: 443, destinationPort: 40_000, kind: 'syn-ack' });
    const question = { ...crossing(server, answer, outcome.remembered), connectors: [connector, '10.0.0.11'].map(strictAddress) };
    assert.equal(ends(cloudDelivers(state, question)), 'dropped at receiver: cloud-filter-in SG-CONNECTOR-IN');
  });

  it('ICMP has types', () => {
    const ping = { protocol: 'icmp', kind: 'echo-request', sourcePort: 7, destinationPort: 7 } as const;
    const echo = (icmpType: number) => guarded('aws', [rule('icmp', { protocol: 'icmp', icmpType }), allOut]);
    assert.equal(ends(there(echo(8), client, ping)), delivered);
    assert.equal(ends(there(echo(3), client, ping)), sgDeny);
  });
});

describe('network ACLs of AWS', () => {
  const any = (order: number, rest: Partial<FilterRule>) =>
    rule(`${String(order)} ${rest.action ?? 'allow'}`, { order, ...rest });
  const open = [any(100, {}), any(100, { direction: 'out' })];
  it('let pass what the first rule that matches allows', () => {
    assert.equal(ends(there(fenced('aws', open))), delivered);
    assert.equal(
      ends(there(fenced('aws', [any(90, { action: 'deny' }), ...open]))),
      'dropped at router: cloud-filter-in SG-DENY',
    );
    assert.equal(ends(there(fenced('aws', [...open, any(110, { action: 'deny' })]))), delivered);
  });
  it('know nothing of flows: answers need their ports', () => {
    const in443 = tcp('100 tcp 443', 443, wpc, { order: 100 });
    const closed = fenced('aws', [in443]);
    assert.equal(ends(there(closed)), delivered);
    assert.equal(ends(back(closed)), 'dropped at router: cloud-filter-out NACL-EPHEMERAL');
    const ports = rule('100 tcp 1024-65535', {
      order: 100,
      direction: 'out',
      protocol: 'tcp',
      ports: [{ from: 1024, to: 65_535 }],
    });
    assert.equal(ends(back(fenced('aws', [in443, ports]))), answered);
  });
  it('at the subnet of the connector count too, on the way back', () => {
    const state = cloud('aws', (all) => ({
      filters: [...(all.filters ?? []), filter('acl-c', [any(100, { direction: 'out' })])],
      subnets: changed(all.subnets, 'subnet-c', { filters: ['acl-c'] }),
    }));
    assert.equal(ends(back(state)), 'dropped at router: cloud-filter-in NACL-EPHEMERAL');
  });
  it('never see what stays in one subnet', () => {
    const together = fenced('aws', [], (all) => ({ cards: all.cards.map((card) => ({ ...card, subnet: 'subnet-s' })) }));
    assert.equal(ends(there(together)), delivered);
    assert.equal(ends(there(fenced('aws', []))), 'dropped at router: cloud-filter-in SG-DENY');
  });
  it('are taken to let everything pass where they were not read', () => {
    const state = cloud('aws', (all) => ({ subnets: changed(all.subnets, 'subnet-s', { filters: null }) }));
    assert.equal(ends(there(state)), delivered);
    assert.deepEqual(
      there(state).router.map(({ result }) => result),
      ['pass', 'pass', 'assumed'],
    );
  });
});

describe('network security groups of Azure', () => {
  const at = (order: number, action: 'allow' | 'deny', rest: Partial<FilterRule> = {}) =>
    rule(`${String(order)} ${action}`, { order, action, ...rest });
  it('are read by priority', () => {
    assert.equal(
      ends(there(guarded('azure', [at(200, 'allow'), at(100, 'deny')]))),
      'dropped at receiver: cloud-filter-in SG-DENY',
    );
    assert.equal(ends(there(guarded('azure', [at(100, 'allow'), at(200, 'deny')]))), delivered);
  });
  it('let the virtual network in by default, and so what NAT hides', () => {
    assert.equal(ends(there(guarded('azure', []), connector)), delivered);
  });
  it('leave it open whether a range that a user route leads to the connector is part of the virtual network', () => {
    assert.equal(ends(there(guarded('azure', []))), 'undetermined at receiver: cloud-filter-in');
    const elsewhere = guarded('azure', [], () => ({ tables: [] }));
    assert.equal(ends(there(elsewhere)), 'dropped at receiver: cloud-filter-in SG-DENY');
  });
  it('apply at the subnet and at the card, both', () => {
    assert.equal(ends(there(fenced('azure', [at(100, 'deny')]))), 'dropped at receiver: cloud-filter-in SG-DENY');
    assert.equal(ends(there(fenced('azure', [at(100, 'allow')]))), delivered);
    assert.equal(ends(back(fenced('azure', [at(100, 'allow'), at(100, 'deny', { direction: 'out' })]))), answered);
  });
  it('name services of the vendor, which have public addresses', () => {
    const rules = [at(100, 'allow', { peers: [{ kind: 'named', name: 'Storage.WestEurope' }] }), at(200, 'deny')];
    assert.equal(ends(there(guarded('azure', rules))), 'dropped at receiver: cloud-filter-in SG-DENY');
  });
  it('compare the own address too', () => {
    const rules = [at(100, 'allow', { own: [prefix('10.0.1.99/32')] }), at(200, 'deny')];
    assert.equal(ends(there(guarded('azure', rules))), 'dropped at receiver: cloud-filter-in SG-DENY');
    assert.match(there(guarded('azure', rules)).receiver.at(-1)?.detail ?? '', /not its own address/);
  });
});

describe('firewall rules of Google Cloud', () => {
  const one = (rest: Partial<FilterRule>) => rule(`1000 ${rest.action ?? 'allow'}`, { order: 1000, ...rest });
  it('deny before they allow, at one priority', () => {
    const rules = [one({}), one({ action: 'deny' })];
    assert.equal(ends(there(guarded('gcp', rules))), 'dropped at receiver: cloud-filter-in SG-DENY');
  });
  it('let nothing in by themselves, and everything out', () => {
    assert.equal(ends(there(guarded('gcp', []))), 'dropped at receiver: cloud-filter-in SG-DENY');
    assert.equal(ends(back(guarded('gcp', [one({})]))), answered);
  });
  it('are for their targets', () => {
    const rules = [one({ tags: ['web'] })];
    const tagged = (tags: readonly string[] | null) =>
      ends(there(guarded('gcp', rules, (all) => ({ cards: changed(all.cards, 'nic-s', { tags }) }))));
    assert.equal(tagged(['web']), delivered);
    assert.equal(tagged([]), 'dropped at receiver: cloud-filter-in SG-DENY');
    assert.equal(tagged(null), 'undetermined at receiver: cloud-filter-in');
  });
  it('know a source tag only by the address of the card', () => {
    const state = guarded('gcp', [one({ peers: [{ kind: 'tag', tag: 'connector' }] })], (all) => ({
      cards: all.cards.map((card, index) => (index === 0 ? { ...card, tags: ['connector'] } : card)),
    }));
    assert.equal(ends(there(state, connector)), delivered);
    assert.equal(ends(there(state)), 'dropped at receiver: cloud-filter-in SG-REF-LOST');
  });
});

describe('filters of the other clouds', () => {
  const openTo = (source: string) => [rule(`all from ${source}`, { peers: [prefix(source)] })];
  it('oci: a security list of the subnet or a group of the card, either lets it in', () => {
    const state = fenced('oci', openTo(wpc), (all) => ({
      cards: changed(all.cards, 'nic-s', { filters: [] }),
    }));
    assert.equal(ends(there(state)), delivered);
    assert.equal(ends(there(guarded('oci', []))), 'dropped at receiver: cloud-filter-in SG-DENY');
  });
  it('oci: a stateless rule remembers nothing', () => {
    const stateless = openTo(wpc).map((each) => ({ ...each, stateless: true }));
    assert.equal(ends(there(guarded('oci', stateless))), delivered);
    assert.equal(ends(back(guarded('oci', stateless))), 'dropped at sender: cloud-filter-out NACL-EPHEMERAL');
    assert.equal(ends(back(guarded('oci', [...stateless, allOut]))), answered);
  });
  it('digitalocean: without a firewall everything passes, with one nothing that it does not allow', () => {
    assert.equal(
      ends(there(cloud('digitalocean', (all) => ({ cards: changed(all.cards, 'nic-s', { filters: [] }) })))),
      delivered,
    );
    assert.equal(ends(there(guarded('digitalocean', []))), 'dropped at receiver: cloud-filter-in SG-DENY');
    const droplet = [rule('all from the Droplet', { peers: [{ kind: 'card', name: '3164494' }] })];
    assert.equal(ends(there(guarded('digitalocean', droplet), connector)), delivered);
    assert.equal(ends(there(guarded('digitalocean', droplet))), 'dropped at receiver: cloud-filter-in SG-REF-LOST');
  });
  it('alibaba: by priority over all groups, and at one priority the one that drops', () => {
    const in1 = rule('1 accept', { order: 1 });
    const drop = (order: number) => rule(`${String(order)} drop`, { order, action: 'deny' });
    assert.equal(ends(there(guarded('alibaba', [in1, drop(2)]))), delivered);
    assert.equal(ends(there(guarded('alibaba', [in1, drop(1)]))), 'dropped at receiver: cloud-filter-in SG-DENY');
    const both: readonly Filter[] = [filter('sg-s', [in1]), filter('sg-t', [drop(1)])];
    const state = cloud('alibaba', (all) => ({
      filters: [...(all.filters ?? []).filter(({ id }) => id !== 'sg-s'), ...both],
      cards: changed(all.cards, 'nic-s', { filters: ['sg-s', 'sg-t'] }),
    }));
    assert.equal(ends(there(state)), 'dropped at receiver: cloud-filter-in SG-DENY');
  });
});
