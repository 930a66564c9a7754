import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import type { MetricShape } from './metric-table.ts';
import { metricTable } from './metric-table.ts';

const docs = path.join(import.meta.dirname, '../../../docs');
const files = ['alerts.yml', 'alerts.test.yml', 'dashboard.json', 'prometheus.yml'] as const;
const texts = new Map<string, string>();
let page = '';
before(async () => {
  for (const file of files) texts.set(file, await readFile(path.join(docs, 'examples/prometheus', file), 'utf8'));
  page = await readFile(path.join(docs, 'metrics.md'), 'utf8');
});

const shapes: Readonly<Record<string, MetricShape>> = metricTable;
/** What Prometheus itself adds to every series, and a histogram to its buckets. */
const alwaysThere = ['instance', 'job', 'le'];

/** In JSON a quote is \": both ways of writing become one. */
function plain(file: string): string {
  return (texts.get(file) ?? '').replaceAll(String.raw`\"`, '"');
}

/** Names of ours in a text, without what a histogram adds to its own. */
function namesIn(text: string): Set<string> {
  const found = text.match(/\b(?:causeway|process|nodejs)_[a-z0-9_]+/g) ?? [];
  return new Set(found.map((name) => (name in shapes ? name : name.replace(/_(?:bucket|sum|count)$/, ''))));
}

describe('the examples for Prometheus and Grafana', () => {
  test('name metrics that there are', () => {
    for (const file of ['alerts.yml', 'alerts.test.yml', 'dashboard.json']) {
      const names = namesIn(plain(file).replaceAll('/etc/prometheus/causeway-secret', ''));
      assert.ok(names.size > 8, file);
      assert.deepEqual(
        [...names].filter((name) => !(name in shapes)),
        [],
        file,
      );
    }
  });

  test('select by labels that these metrics have, and group by labels that there are', () => {
    const all = new Set([...alwaysThere, 'alertname', ...Object.values(shapes).flatMap(({ labels }) => labels)]);
    for (const file of ['alerts.yml', 'alerts.test.yml', 'dashboard.json']) {
      const text = plain(file);
      let seen = 0;
      for (const [, name = '', selector = ''] of text.matchAll(/\b((?:causeway|process|nodejs)_[a-z0-9_]+)\{([^{}]*)\}/g)) {
        const shape = shapes[name] ?? shapes[name.replace(/_(?:bucket|sum|count)$/, '')];
        for (const [, label = ''] of selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)) {
          assert.ok([...alwaysThere, ...(shape?.labels ?? [])].includes(label), `${file}: ${name} has no label ${label}`);
          seen += 1;
        }
      }
      assert.ok(seen > 5, file);
      for (const [, list = ''] of text.matchAll(/\b(?:by|without|on|ignoring) \(([a-z_, ]+)\)/g))
        for (const label of list.split(', ')) assert.ok(all.has(label), `${file}: nothing has the label ${label}`);
    }
  });

  test('lead from each alert to a heading that says what to do', () => {
    const alerts = [...plain('alerts.yml').matchAll(/- alert: (\w+)\n([\s\S]*?)(?=\n\n|$)/g)];
    assert.ok(alerts.length > 15);
    const headings = new Set([...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase()));
    for (const [, name = '', body = ''] of alerts) {
      const runbook = /runbook_url: docs\/metrics\.md#([a-z]+)\n?/.exec(body)?.[1];
      assert.ok(runbook !== undefined && headings.has(runbook), `${name} has no runbook: ${String(runbook)}`);
      assert.match(body, /severity: (page|ticket)/, name);
      assert.match(body, /summary: /, name);
    }
  });

  test('are a dashboard that Grafana can import: numbered panels in a grid of 24, data from the variable', () => {
    const dashboard = JSON.parse(texts.get('dashboard.json') ?? '') as {
      readonly title: string;
      readonly panels: readonly {
        readonly id: number;
        readonly type: string;
        readonly datasource?: { readonly uid: string };
        readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
        readonly targets?: readonly { readonly expr: string }[];
      }[];
    };
    const { panels } = dashboard;
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const cells = new Set<string>();
    for (const { id, type, datasource, gridPos, targets } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, `panel ${String(id)} is too wide`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.equal(cells.has(`${String(x)} ${String(y)}`), false, `panel ${String(id)} lies on another`);
          cells.add(`${String(x)} ${String(y)}`);
        }
      }
      if (type === 'row') continue;
      assert.equal(datasource?.uid, '${datasource}', `panel ${String(id)}`);
      assert.ok(targets !== undefined && targets.length > 0 && targets.every(({ expr }) => expr !== ''), `panel ${String(id)}`);
    }
  });
});
