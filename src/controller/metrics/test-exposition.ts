import assert from 'node:assert/strict';

/** Family is one metric as an answer shows it. */
export type Family = {
  readonly type: string;
  readonly help: string;
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number; readonly suffix: string }[];
};

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/g;

/**
 * readExposition reads Prometheus' text format, version 0.0.4, as strictly as promtool does: HELP and TYPE once and before the samples, samples of
 * a metric together, no series twice, values that are numbers. Throws an AssertionError that names the line.
 */
export function readExposition(text: string): Map<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line has to end');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (help?.[1] !== undefined) {
      assert.equal(helps.has(help[1]), false, `HELP twice: ${line}`);
      helps.set(help[1], help[2] ?? '');
      continue;
    }
    if (type?.[1] !== undefined) {
      current = type[1];
      assert.equal(families.has(current), false, `TYPE twice, or after samples: ${line}`);
      families.set(current, { type: type[2] ?? '', help: helps.get(current) ?? '', samples: [] });
      continue;
    }
    const match = sample.exec(line);
    assert.ok(match !== null, `no sample: ${line}`);
    const [, name = '', labelText = '', value = ''] = match;
    const suffix = name.slice(current.length);
    const family = families.get(current);
    assert.ok(family !== undefined && name.startsWith(current), `apart from its metric: ${line}`);
    const suffixes: readonly string[] =
      family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : family.type === 'summary' ? ['', '_sum', '_count'] : [''];
    assert.ok(suffixes.includes(suffix), `apart from its metric: ${line}`);
    const series = line.slice(0, line.lastIndexOf(' '));
    assert.equal(seen.has(series), false, `series twice: ${line}`);
    seen.add(series);
    const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
    assert.equal(Number.isNaN(number) && value !== 'Nan', false, `no number: ${line}`);
    const labels = Object.fromEntries([...labelText.matchAll(label)].map(([, key = '', text = '']) => [key, unescaped(text)]));
    family.samples.push({ labels, value: number, suffix });
  }
  return families;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(["\\n])/g, (_all, character: string) => (character === 'n' ? '\n' : character));
}

/** valueOf gives the value of the one series of a metric that has these labels (and maybe others). */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = families
    .get(name)
    ?.samples.filter((each) => each.suffix === '' && Object.entries(labels).every(([key, value]) => each.labels[key] === value));
  const [first, ...more] = found ?? [];
  assert.ok(
    first !== undefined && more.length === 0,
    `${String(found?.length ?? 0)} series of ${name} ${JSON.stringify(labels)}`,
  );
  return first.value;
}
