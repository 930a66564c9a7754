import { asList, asText, entryOf, isObject } from './json.ts';
import { readExpression } from './nft-expression.ts';
import type { NftSets } from './nft-sets.ts';
import { readVerdictElements } from './nft-sets.ts';
import { shapeOf } from './nft-types.ts';
import { readPattern } from './nft-value.ts';
import { verdictOf } from './nft-verdict.ts';
import type { Expression, MatchOperator, NatKind, Pattern, Statement } from './rules.ts';
import { lazily } from './rules.ts';
import { statementOfTarget } from './xt-targets.ts';

const operators: readonly string[] = ['==', '!=', '<', '<=', '>', '>=', 'in', '!'] satisfies MatchOperator[];

function isOperator(text: unknown): text is MatchOperator {
  return typeof text === 'string' && operators.includes(text);
}

/**
 * statementsOf gives the statements of one rule one after the other; those without effect on the packet's way are left out. Each is read when it
 * is first asked for: most rules of a large set end at their first condition (50,000 rules: half the time and memory).
 */
export function statementsOf(json: unknown, sets: NftSets): (index: number) => Statement | undefined {
  const expressions = asList(json);
  const read: Statement[] = [];
  let next = 0;
  return (index) => {
    while (read.length <= index && next < expressions.length) {
      const entry = entryOf(expressions[next]);
      next += 1;
      read.push(
        ...(entry === undefined ? [undecidable('an expression of an unknown form')] : readStatement(entry[0], entry[1], sets)),
      );
    }
    return read[index];
  };
}

function readStatement(name: string, content: unknown, sets: NftSets): readonly Statement[] {
  const verdict = verdictOf(name, content);
  if (verdict !== undefined) return [{ kind: 'verdict', verdict }];
  switch (name) {
    case 'match':
      return [readMatch(content, sets)];
    case 'vmap':
      return [readVerdictMap(content, sets)];
    case 'mangle':
      return readMangle(content, sets);
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return [readNat(name, content, sets)];
    case 'notrack':
      return [{ kind: 'notrack' }];
    case 'xt':
      return readXt(content);
    case 'limit':
    case 'quota':
    case 'ct count':
      return [{ kind: 'perhaps', what: name }];
    case 'set':
    case 'meter':
      return readSetUpdate(name, content);
    // What flows are offloaded is said once, in the notes of the rules; a copy of the packet changes nothing for it.
    case 'flow':
    case 'dup':
    case 'counter':
    case 'log':
    case 'last':
    case 'secmark':
    case 'ct helper':
    case 'ct timeout':
    case 'ct expectation':
      return [];
    default:
      return [undecidable(name)];
  }
}

function readMatch(content: unknown, sets: NftSets): Statement {
  if (!isObject(content)) return undecidable('match');
  const { op, left: leftJson, right } = content;
  if (!isOperator(op)) return { kind: 'perhaps', what: `operator ${asText(op) ?? ''}` };
  const left = readExpression(leftJson, [null], sets);
  if (left.kind === 'unknown') return { kind: 'perhaps', what: left.what };
  return { kind: 'match', operator: op, ...fibExists(left, right, () => readPattern(right, shapeOf(left), sets.patterns)) };
}

/** `missing` and `exists` are printed as false and true, and an interface index of 0 is another way to write `missing`. */
function fibExists(left: Expression, right: unknown, pattern: () => Pattern): { left: Expression; right: Pattern } {
  if (left.kind !== 'fib' || left.result === 'type') return { left, right: pattern() };
  const exists = right === true ? 1 : right === false || right === 0 || right === '0' ? 0 : undefined;
  if (exists === undefined) return { left, right: pattern() };
  return { left: { ...left, result: 'exists' }, right: { kind: 'exact', value: exists } };
}

function readVerdictMap(content: unknown, sets: NftSets): Statement {
  if (!isObject(content)) return undecidable('vmap');
  const key = readExpression(content['key'], [null], sets);
  const { data } = content;
  if (typeof data === 'string') {
    const elements = sets.verdicts(data.slice(1));
    return elements === undefined ? undecidable(`vmap ${data}`) : { kind: 'verdict-map', key, elements };
  }
  const pairs = isObject(data) ? data['set'] : undefined;
  return { kind: 'verdict-map', key, elements: lazily(() => readVerdictElements(pairs, shapeOf(key), sets)) };
}

function readMangle(content: unknown, sets: NftSets): readonly Statement[] {
  if (!isObject(content)) return [undecidable('set')];
  const { key, value } = content;
  const [kind, target] = entryOf(key) ?? ['', null];
  const name = isObject(target) ? (asText(target['key']) ?? asText(target['field']) ?? '') : '';
  if (name === 'mark' && (kind === 'meta' || kind === 'ct')) {
    return [{ kind: 'set-mark', of: kind === 'meta' ? 'packet' : 'flow', value: readExpression(value, ['number'], sets) }];
  }
  if (kind === 'tcp option' && isObject(target) && target['name'] === 'maxseg') {
    return [{ kind: 'clamp-mss', size: typeof value === 'number' ? value : 'route' }];
  }
  if (kind === 'payload' && /^(saddr|daddr|sport|dport)$/.test(name)) return [undecidable(`${name} set`)];
  return kind === 'meta' || kind === 'ct' || kind === 'payload' ? [] : [undecidable(`${kind} set`)];
}

function readNat(nat: Exclude<NatKind, 'netmap'>, content: unknown, sets: NftSets): Statement {
  const fields = isObject(content) ? content : {};
  const flags = Array.isArray(fields['flags']) ? fields['flags'] : [fields['flags']];
  const { family, addr, port } = fields;
  return {
    kind: 'nat',
    nat,
    family: family === 'ip' ? 4 : family === 'ip6' ? 6 : null,
    address: addr === undefined ? null : readExpression(addr, [null], sets),
    port: port === undefined ? null : readExpression(port, ['number'], sets),
    netmap: flags.includes('netmap'),
    randomPort: flags.includes('random') || flags.includes('fully-random'),
  };
}

function readXt(content: unknown): readonly Statement[] {
  const name = isObject(content) ? asText(content['name']) : undefined;
  if (name === undefined || !isObject(content)) return [undecidable('xt')];
  if (content['type'] === 'target') return statementOfTarget(name);
  return name === 'comment' ? [] : [{ kind: 'perhaps', what: `xt match ${name}, whose arguments nft does not print` }];
}

/** A set that is full, or a rate inside, ends the rule; what is added is not followed. */
function readSetUpdate(name: string, content: unknown): readonly Statement[] {
  const inside = isObject(content) ? content['stmt'] : undefined;
  return inside === undefined || asList(inside).every((statement) => entryOf(statement)?.[0] === 'counter')
    ? name === 'set'
      ? []
      : [{ kind: 'perhaps', what: 'meter' }]
    : [{ kind: 'perhaps', what: 'a rate or count for each element of a set' }];
}

function undecidable(what: string): Statement {
  return { kind: 'undecidable', what };
}
