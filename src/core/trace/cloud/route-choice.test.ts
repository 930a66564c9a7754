import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { address4 } from '../../ip/address.ts';
import { containsAddress, strictPrefix } from '../../ip/prefix.ts';
import { chooseRoute } from './route-choice.ts';
import { anyPrefix, anyPrefixText, anyTarget } from './test-arbitraries.ts';
import { cloud, route, table } from './test-clouds.ts';

describe('route tables', () => {
  it('take a route of the longest prefix that has the destination, as a second and simple reading of them says', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyPrefixText, anyTarget), { maxLength: 12 }), anyPrefix, (pairs, { base }) => {
        const destination = address4(base);
        const routes = [...new Map(pairs.map(([text, target]) => [text, route(text, target)])).values()];
        const longest = routes
          .map(({ destination: text }) => strictPrefix(text ?? ''))
          .filter((candidate) => containsAddress(candidate, destination))
          .reduce((length, candidate) => Math.max(length, candidate.length), -1);
        const choice = chooseRoute(cloud('aws'), table('rtb-0', routes), undefined, destination);
        const length = choice.kind === 'chosen' ? strictPrefix(choice.route.destination ?? '').length : -1;
        assert.equal(length, longest);
      }),
    );
  });
});
