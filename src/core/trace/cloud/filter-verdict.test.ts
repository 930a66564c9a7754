import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { containsAddress, strictPrefix } from '../../ip/prefix.ts';
import type { FilterRule } from './cloud-state.ts';
import { judge } from './filter-verdict.ts';
import type { FilterLayer } from './layers.ts';
import { anyRules, uniqueOrders } from './test-arbitraries.ts';
import { client, cloud, packet, server } from './test-clouds.ts';
import { vendorOf } from './vendors.ts';

describe('ordered filters', () => {
  it('decide by the first rule that matches, as a second and simple reading of them says', () => {
    const kind = vendorOf('aws').subnetFilter;
    assert.ok(kind);
    fc.assert(
      fc.property(anyRules, fc.constantFrom(22, 443, 40_000), (all, destinationPort) => {
        const rules = uniqueOrders(all);
        const asked = packet(client, server, { destinationPort });
        let wanted = 'denied';
        for (let order = 1; order <= 6; order += 1) {
          const found = rules.find((each) => each.order === order && each.direction === 'in');
          if (found === undefined || !matches(found, destinationPort)) continue;
          wanted = found.action === 'allow' ? 'allowed' : 'denied';
          break;
        }
        const layer: FilterLayer = { kind, at: 'subnet', filters: [], rules };
        const verdict = judge(layer, rules, { state: cloud('aws'), packet: asked, direction: 'in', card: undefined });
        assert.equal(verdict.kind, wanted);
      }),
    );
  });
});

function matches({ protocol, ports, peers }: FilterRule, port: number): boolean {
  const inPorts = ports === null || ports.some(({ from, to }) => port >= from && port <= to);
  const fromClient = peers.some(
    (peer) => peer.kind === 'prefix' && containsAddress(strictPrefix(peer.prefix), packet(client, server).source),
  );
  return (protocol === 'any' || protocol === 'tcp') && inPorts && fromClient;
}
