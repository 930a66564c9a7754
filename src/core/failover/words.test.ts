import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointId } from '../ids.ts';
import { choiceSentence, ownersText } from './words.ts';

test('owners are named in the order of their choice, and nobody is nobody', () => {
  const named = (...owners: readonly string[]) => ownersText(owners as EndpointId[], (endpoint) => endpoint.toUpperCase());
  assert.equal(named(), 'nobody');
  assert.equal(named('b'), 'B');
  assert.equal(named('b', 'a'), 'B and A');
});

test('a network that nobody serves and traffic that is refused are told apart', () => {
  assert.match(choiceSentence({ owners: [], why: 'refused' }), /nobody is healthy; the traffic is refused/);
  assert.match(choiceSentence({ owners: [], why: 'nobody' }), /nobody is connected/);
});
