import type { ObservedMachine } from '../input.ts';
import type { Known } from './known.ts';

/** JsonRecord is an object of iproute2's JSON; read with the functions below, which look at its own members only. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * readRecords reads a section that holds a JSON array. One record that cannot be read makes the whole section not known: a table of
 * which a
 * line is missing gives other answers. Never throws.
 */
export function readRecords<T>(
  machine: ObservedMachine,
  name: string,
  read: (record: JsonRecord) => T | undefined,
): Known<readonly T[]> {
  const section = machine.sections.get(name);
  if (section === undefined) return { known: false, reason: `the machine did not report its section ${name}` };
  const { body, observedAt } = section;
  const large = /^too large: (\d{1,15}) bytes\s*$/.exec(body);
  if (large !== null) {
    return { known: false, reason: `the section ${name} was too large to be reported, ${large[1] ?? ''} bytes` };
  }
  const parsed = parseArray(body);
  if (parsed === undefined) return { known: false, reason: `the section ${name} is not a whole JSON list` };
  const value: T[] = [];
  for (const [index, record] of parsed.entries()) {
    // Some versions of iproute2 print {} for what a filter leaves out.
    if (isRecord(record) && Object.keys(record).length === 0) continue;
    const one = isRecord(record) ? read(record) : undefined;
    if (one === undefined) return { known: false, reason: `entry ${String(index + 1)} of the section ${name} cannot be read` };
    value.push(one);
  }
  return { known: true, value, observedAt };
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function field(record: JsonRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

export function textField(record: JsonRecord, name: string): string | undefined {
  const value = field(record, name);
  return typeof value === 'string' ? value : undefined;
}

export function countField(record: JsonRecord, name: string): number | undefined {
  const value = field(record, name);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** recordsField is a list of objects; empty where the member is absent or holds anything else. */
export function recordsField(record: JsonRecord, name: string): readonly JsonRecord[] {
  const value = field(record, name);
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function textsField(record: JsonRecord, name: string): readonly string[] {
  const value = field(record, name);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** strangeKeys are members that are not in the list: what they mean is not modelled. */
export function strangeKeys(record: JsonRecord, known: ReadonlySet<string>): readonly string[] {
  return Object.keys(record).filter((key) => !known.has(key));
}

/** wordsOf is a member as iproute2 prints it, `metric 100`; nothing where it is absent. */
export function wordsOf(record: JsonRecord, key: string, name = key): readonly string[] {
  const value = field(record, key);
  return typeof value === 'string' || typeof value === 'number' ? [name, String(value)] : [];
}
