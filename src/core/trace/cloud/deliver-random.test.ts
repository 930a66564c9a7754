import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CloudId, CloudState, FilterRule } from './cloud-state.ts';
import { cloudIds } from './cloud-state.ts';
import { cloudDelivers } from './deliver.ts';
import { anyPrefixText, anyRules, anyTarget, uniqueOrders } from './test-arbitraries.ts';
import {
  back,
  changed,
  client,
  cloud,
  connector,
  crossing,
  filter,
  packet,
  route,
  server,
  stepsOfDelivery,
  table,
  there,
} from './test-clouds.ts';

describe('filters that remember', () => {
  const remembering: readonly CloudId[] = ['aws', 'azure', 'gcp', 'oci', 'digitalocean'];
  for (const id of remembering) {
    it(`${id}: pass the answer of whatever flow they let pass`, () => {
      let arrived = 0;
      fc.assert(
        fc.property(anyRules, anyRules, fc.constantFrom(client, connector), (ofConnector, ofServer, source) => {
          const state = cloud(id, () => ({
            filters: [
              filter('sg-c', uniqueOrders(allowing(id, ofConnector))),
              filter('sg-s', uniqueOrders(allowing(id, ofServer))),
            ],
          }));
          const way = there(state, source);
          if (way.outcome.kind !== 'delivered') return;
          arrived += 1;
          assert.deepEqual(back(state, source, way).outcome.kind, 'delivered');
        }),
        { numRuns: 400 },
      );
      assert.ok(arrived > 0, 'no random flow arrived, so nothing was tested');
    });
  }
});

/** Groups of AWS, Oracle and DigitalOcean have no rules that deny. */
function allowing(id: CloudId, rules: readonly FilterRule[]): readonly FilterRule[] {
  return id === 'azure' || id === 'gcp' ? rules : rules.map((each) => ({ ...each, action: 'allow' }));
}

describe('whatever was read and was not', () => {
  const anyState: fc.Arbitrary<CloudState> = fc
    .record({
      id: fc.constantFrom(...cloudIds),
      routes: fc.array(fc.tuple(anyPrefixText, anyTarget, fc.constantFrom('active', 'dead')), { maxLength: 6 }),
      rules: anyRules,
      unread: fc.record({
        ranges: fc.boolean(),
        tables: fc.boolean(),
        filters: fc.boolean(),
        rules: fc.boolean(),
        card: fc.boolean(),
        subnet: fc.boolean(),
        forwards: fc.boolean(),
        association: fc.boolean(),
      }),
    })
    .map(({ id, routes, rules, unread }) =>
      cloud(id, (all) => ({
        ...(unread.ranges ? { ranges: null } : {}),
        tables: unread.tables
          ? null
          : [
              table(
                'rtb-0',
                routes.map(([text, target, state]) => route(text, target, { state })),
                true,
              ),
            ],
        filters: unread.filters ? null : changed(all.filters, 'sg-s', { rules: unread.rules ? null : rules }),
        cards: changed(unread.card ? all.cards.slice(0, 1) : all.cards, all.cards[0]?.id ?? '', {
          forwards: unread.forwards ? null : true,
        }),
        subnets: changed(
          unread.subnet ? all.subnets.slice(0, 1) : all.subnets,
          'subnet-c',
          unread.association ? { table: null } : {},
        ),
      })),
    );

  it('there is an answer, only its last step may end it, and what ends it says so', () => {
    fc.assert(
      fc.property(
        anyState,
        fc.constantFrom(connector, server),
        fc.constantFrom(client, connector, server, '198.51.100.7'),
        fc.constantFrom(client, connector, server, '198.51.100.7', '192.168.0.1'),
        (state, sender, source, destination) => {
          const delivery = cloudDelivers(state, crossing(sender, packet(source, destination)));
          const results = stepsOfDelivery(delivery).map(({ result }) => result);
          assert.ok(results.length > 0);
          assert.ok(results.slice(0, -1).every((result) => result === 'pass' || result === 'assumed'));
          const last = results.at(-1);
          const { kind } = delivery.outcome;
          assert.equal(last === 'drop', kind === 'dropped');
          assert.equal(last === 'unknown', kind === 'undetermined');
          for (const { result, cause } of stepsOfDelivery(delivery)) assert.equal(cause !== null, result === 'drop');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('what is wanted by the WPC and delivered, is delivered to a connector', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const { outcome } = cloudDelivers(state, crossing(server, packet(server, client)));
        assert.notEqual(outcome.kind, 'internet');
        assert.notEqual(outcome.kind, 'elsewhere');
        if (outcome.kind === 'delivered') assert.equal(outcome.to, connector);
      }),
      { numRuns: 500 },
    );
  });
});
