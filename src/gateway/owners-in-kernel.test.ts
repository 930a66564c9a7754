import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pool } from '../core/failover/pool.ts';
import { poolsOf } from '../core/failover/pool.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { classMark, kernelOwnership } from './kernel/ownership.ts';
import { ownersInKernel } from './owners-in-kernel.ts';
import { endpointNamed } from './testing/example.ts';
import { hqPool, pairConfiguration } from './testing/pair-world.ts';

const own = kernelOwnership(3);
const configuration = pairConfiguration();
const [a, b] = [endpointNamed(configuration, 'connector', 0), endpointNamed(configuration, 'connector', 1)];
const egress: Pool = {
  id: 'egress:e7',
  candidates: [a, b],
  sharing: false,
  whenNoneIsHealthy: 'refuse',
};

function owners(routes: Readonly<Record<string, string>>, exit = '', sharing = false) {
  const table = (entries: Readonly<Record<string, string>>) => new Map(Object.entries(entries) as [PrefixText, string][]);
  const pools = [...poolsOf(configuration).map((pool) => ({ ...pool, sharing })), egress];
  return ownersInKernel(own, pools, configuration, {
    routes: table(routes),
    tables: exit === '' ? new Map() : new Map([[classMark(own, 7).table, table({ '0.0.0.0/0': exit })]]),
  });
}

const addresses = { '100.96.0.100/32': 'cw3-c0', '100.96.0.101/32': 'cw3-c1' };

describe('ownersInKernel', () => {
  it('finds who has the routes of a network and of a class', () => {
    assert.deepEqual(
      owners({ ...addresses, '10.0.0.0/18': 'cw3-c1' }, 'cw3-c0'),
      new Map([
        [hqPool, [b]],
        ['egress:e7', [a]],
      ]),
    );
  });

  it('finds a connector that was on the hand-over lane', () => {
    assert.deepEqual(owners({ ...addresses, '100.96.0.101/32': 'cw3-h0', '10.0.0.0/18': 'cw3-h0' }), new Map([[hqPool, [b]]]));
  });

  it('finds all that share, and one where nobody shares any more', () => {
    const shared = { ...addresses, '10.0.0.0/18': 'cw3-c0 cw3-c1' };
    assert.deepEqual(owners(shared, '', true), new Map([[hqPool, [a, b]]]));
    assert.deepEqual(owners(shared), new Map([[hqPool, [a]]]));
  });

  it('finds nobody where there is no route, or one to a lane where no candidate is', () => {
    assert.deepEqual(owners(addresses), new Map());
    assert.deepEqual(owners({ ...addresses, '10.0.0.0/18': 'cw3-c9' }, 'unreachable'), new Map());
  });
});
