/** Rules of nft's JSON as nft itself writes them, so that people find them again with `nft list ruleset`. What is not known is shown by its name. */
import { asList, asText, entryOf, isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/** Longer than this a quotation helps nobody: a set written into a rule may have thousands of elements. */
const longest = 400;
const elementsShown = 12;
const deepest = 16;

export function nftRuleText(expressions: unknown): string {
  const text = asList(expressions)
    .map((statement) => statementText(statement))
    .filter((part) => part !== '')
    .join(' ');
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}

function statementText(json: unknown): string {
  const [name, content] = entryOf(json) ?? ['', null];
  const fields: JsonObject = isObject(content) ? content : {};
  switch (name) {
    case 'match': {
      const operator = asText(fields['op']) ?? '';
      const between = operator === '==' || operator === 'in' ? ' ' : ` ${operator} `;
      return `${expressionText(fields['left'])}${between}${rightText(fields)}`;
    }
    case 'jump':
    case 'goto':
      return `${name} ${asText(fields['target']) ?? ''}`;
    case 'reject':
      return fields['type'] === undefined
        ? 'reject'
        : `reject with ${asText(fields['type']) ?? ''}${fields['expr'] === undefined ? '' : ` type ${asText(fields['expr']) ?? ''}`}`;
    case 'vmap':
      return `${expressionText(fields['key'])} vmap ${expressionText(fields['data'])}`;
    case 'mangle':
      return `${expressionText(fields['key'])} set ${expressionText(fields['value'])}`;
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return natText(name, fields);
    case 'xt':
      return `xt ${asText(fields['type']) ?? ''} "${asText(fields['name']) ?? ''}"`;
    case 'limit':
      return typeof content === 'string'
        ? `limit name "${content}"`
        : `limit rate ${fields['inv'] === true ? 'over ' : ''}${scalarText(fields['rate'])}/${scalarText(fields['per'])}`;
    case 'log':
      return fields['prefix'] === undefined ? 'log' : `log prefix "${scalarText(fields['prefix'])}"`;
    case 'set':
      return `${asText(fields['op']) ?? 'add'} ${asText(fields['set']) ?? ''} { ${expressionText(fields['elem'])} }`;
    default:
      return name;
  }
}

function natText(name: string, fields: JsonObject): string {
  const family = fields['family'] === undefined ? '' : ` ${scalarText(fields['family'])}`;
  const address = fields['addr'] === undefined ? '' : expressionText(fields['addr']);
  const port = fields['port'] === undefined ? '' : `:${expressionText(fields['port'])}`;
  return `${name}${address === '' && port === '' ? '' : `${family} to ${address}${port}`}`;
}

function rightText({ left, right }: JsonObject): string {
  if (entryOf(left)?.[0] === 'fib' && typeof right === 'boolean') return right ? 'exists' : 'missing';
  return quotesInterface(left) && typeof right === 'string' && !right.startsWith('@') ? `"${right}"` : expressionText(right);
}

function quotesInterface(left: unknown): boolean {
  const [name, content] = entryOf(left) ?? ['', null];
  return name === 'meta' && isObject(content) && /^[io]ifname$/.test(scalarText(content['key']));
}

function expressionText(json: unknown, depth = 0): string {
  if (depth > deepest) return '…';
  const inner = (value: unknown): string => expressionText(value, depth + 1);
  if (Array.isArray(json)) return json.map(inner).join(',');
  const entry = entryOf(json);
  if (entry === undefined) return scalarText(json);
  const [name, content] = entry;
  const fields: JsonObject = isObject(content) ? content : {};
  switch (name) {
    case 'meta': {
      const key = scalarText(fields['key']);
      return /^([io]if(name|group|kind|type)?|mark|skuid|skgid)$/.test(key) && key !== 'mark' ? key : `meta ${key}`;
    }
    case 'payload':
      return fields['protocol'] === undefined
        ? `@${scalarText(fields['base'])},${scalarText(fields['offset'])},${scalarText(fields['len'])}`
        : `${scalarText(fields['protocol'])} ${scalarText(fields['field'])}`;
    case 'ct':
      return ['ct', fields['dir'], fields['key']]
        .filter((part) => part !== undefined)
        .map(scalarText)
        .join(' ');
    case 'tcp option':
      return `tcp option ${scalarText(fields['name'])} ${scalarText(fields['field'])}`;
    case 'rt':
      return `rt ${scalarText(fields['key'])}`;
    case 'fib':
      return `fib ${asList(fields['flags']).map(scalarText).join(' . ')} ${scalarText(fields['result'])}`;
    case 'prefix':
      return `${scalarText(fields['addr'])}/${scalarText(fields['len'])}`;
    case 'range':
      return asList(content).map(inner).join('-');
    case 'concat':
      return asList(content).map(inner).join(' . ');
    case 'set':
      return setText(asList(content), inner);
    case 'map':
      return `${inner(fields['key'])} map ${inner(fields['data'])}`;
    case 'elem':
      return inner(fields['val']);
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return asList(content).map(inner).join(` ${name} `);
    default:
      return isObject(json) && content === null ? name : statementText(json);
  }
}

function setText(elements: readonly unknown[], inner: (value: unknown) => string): string {
  const shown = elements.slice(0, elementsShown).map((element) => {
    if (!Array.isArray(element) || element.length !== 2) return inner(element);
    return `${inner(element[0])} : ${entryOf(element[1]) === undefined ? inner(element[1]) : inner(element[1])}`;
  });
  return `{ ${shown.join(', ')}${elements.length > elementsShown ? ', …' : ''} }`;
}

function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
