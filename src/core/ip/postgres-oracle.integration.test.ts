/**
 * PostgreSQL's inet and cidr as oracle: the database is the judge of overlaps (exclusion constraints), so what `core` proposes
 * has to follow the same rules. Many cases go in one query, since a round trip costs more than the comparison.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import type { TestDatabase } from '../../controller/store/test-database.ts';
import { testDatabase } from '../../controller/store/test-database.ts';
import { compareAddress, formatAddress, tryParseAddress } from './address.ts';
import type { Prefix } from './prefix.ts';
import {
  comparePrefix,
  contains,
  containsAddress,
  firstAddress,
  formatPrefix,
  lastAddress,
  netmask,
  overlaps,
  parsePrefix,
  prefixOf,
} from './prefix.ts';
import { aggregate } from './prefix-set.ts';
import { anyAddress, anyPrefix, anyUniverse, memberAt, prefixIn, prefixesIn } from './test-arbitraries.ts';

let database: TestDatabase;
let client: pg.Client;

before(async () => {
  database = await testDatabase({ template: 'empty' });
  client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
});

after(async () => {
  await client.end();
  await database.close();
});

/** Runs a query that gives one JSON value per case, in the order of the cases. */
async function ask(expression: string, ...columns: (readonly string[])[]): Promise<unknown[]> {
  const names = ['a', 'b'].slice(0, columns.length);
  const parameters = columns.map((_, index) => `$${String(index + 1)}::text[]`).join(', ');
  const { rows } = await client.query<{ answer: unknown }>({
    text: `select to_json(${expression}) as answer from unnest(${parameters}) with ordinality as t(${names.join(', ')}, n) order by n`,
    values: columns,
  });
  assert.equal(rows.length, columns[0]?.length);
  return rows.map(({ answer }) => answer);
}

const cases = { minLength: 1, maxLength: 100, size: 'max' } as const;
const runs = { numRuns: 40 };
const closePrefix = fc.oneof(anyPrefix, anyUniverse.chain(prefixIn));
const closeAddress = fc.oneof(
  anyAddress,
  fc.tuple(anyUniverse, fc.nat(255)).map(([universe, offset]) => memberAt(universe, offset)),
);
const pairs = fc.array(
  fc.oneof(
    fc.tuple(closePrefix, closePrefix),
    anyUniverse.chain((u) => fc.tuple(prefixIn(u), prefixIn(u))),
  ),
  cases,
);

describe('text', () => {
  test('PostgreSQL reads our canonical text, and we read what it writes, as the same value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(closeAddress, cases), async (addresses) => {
        const answers = await ask('host(a::inet)', addresses.map(formatAddress));
        // It writes ::a.b.c.d for the deprecated ::/96, which RFC 5952 does not; hence values are compared.
        assert.deepEqual(
          answers.map((text) => tryParseAddress(String(text))),
          addresses,
        );
      }),
      runs,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(closePrefix, cases), async (prefixes) => {
        const answers = await ask('(a::cidr)::text', prefixes.map(formatPrefix));
        assert.deepEqual(
          answers.map((text) => parsePrefix(String(text))),
          prefixes.map((value) => ({ ok: true, value })),
        );
      }),
      runs,
    );
  });

  test('an address with a length is a cidr exactly if we take it as prefix', async () => {
    const anyText = fc
      .tuple(closeAddress, fc.nat(130))
      .map(([address, length]) => `${formatAddress(address)}/${String(address.family === 4 ? length % 35 : length)}`);
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, cases), async (texts) => {
        const answers = await ask("pg_input_is_valid(a, 'cidr')", texts);
        assert.deepEqual(
          texts.map((text) => parsePrefix(text).ok),
          answers,
        );
      }),
      runs,
    );
  });
});

describe('relations', () => {
  test('contains is >>=, overlaps is &&', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async (list) => {
        const sides = [list.map(([a]) => formatPrefix(a)), list.map(([, b]) => formatPrefix(b))] as const;
        const answers = await ask('array[a::cidr >>= b::cidr, a::cidr && b::cidr]', ...sides);
        assert.deepEqual(
          list.map(([a, b]) => [contains(a, b), overlaps(a, b)]),
          answers,
        );
      }),
      runs,
    );
  });

  test('containsAddress is >>=', async () => {
    const list = fc.array(
      fc.oneof(
        fc.tuple(closePrefix, closeAddress),
        anyUniverse.chain((u) =>
          fc.tuple(
            prefixIn(u),
            fc.nat(255).map((n) => memberAt(u, n)),
          ),
        ),
      ),
      cases,
    );
    await fc.assert(
      fc.asyncProperty(list, async (asked) => {
        const answers = await ask(
          'a::inet >>= b::inet',
          asked.map(([prefix]) => formatPrefix(prefix)),
          asked.map(([, address]) => formatAddress(address)),
        );
        assert.deepEqual(
          asked.map(([prefix, address]) => containsAddress(prefix, address)),
          answers,
        );
      }),
      runs,
    );
  });

  test('comparePrefix and compareAddress are its order', async () => {
    const order = 'case when a::inet < b::inet then -1 when a::inet = b::inet then 0 else 1 end';
    await fc.assert(
      fc.asyncProperty(pairs, async (list) => {
        const answers = await ask(
          order.replaceAll('inet', 'cidr'),
          list.map(([a]) => formatPrefix(a)),
          list.map(([, b]) => formatPrefix(b)),
        );
        assert.deepEqual(
          list.map(([a, b]) => comparePrefix(a, b)),
          answers,
        );
      }),
      runs,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(closeAddress, closeAddress), cases), async (list) => {
        const answers = await ask(
          order,
          list.map(([a]) => formatAddress(a)),
          list.map(([, b]) => formatAddress(b)),
        );
        assert.deepEqual(
          list.map(([a, b]) => compareAddress(a, b)),
          answers,
        );
      }),
      runs,
    );
  });
});

test('prefixOf is network(), lastAddress is broadcast(), netmask is netmask()', async () => {
  const asked = fc.array(
    fc
      .tuple(closeAddress, fc.nat(128))
      .map(([address, length]) => ({ address, length: address.family === 4 ? length % 33 : length })),
    cases,
  );
  await fc.assert(
    fc.asyncProperty(asked, async (list) => {
      const answers = await ask(
        'array[network(a::inet)::text, host(broadcast(a::inet)), host(netmask(a::inet))]',
        list.map(({ address, length }) => `${formatAddress(address)}/${String(length)}`),
      );
      const ours = list.map(({ address, length }) => {
        const prefix = prefixOf(address, length);
        const mask = prefix.family === 4 ? netmask(prefix) : null;
        return [formatPrefix(prefix), formatAddress(lastAddress(prefix)), mask];
      });
      assert.deepEqual(ours, answers.map(canonicalTriple));
    }),
    runs,
  );
});

/** What PostgreSQL answered, in our spelling; it has a netmask for IPv6 as well, which we have not. */
function canonicalTriple(answer: unknown): [string, string, string | null] {
  assert(Array.isArray(answer));
  const [network, last, mask] = answer.map(String);
  const prefix = parsePrefix(network ?? '');
  const address = tryParseAddress(last ?? '');
  assert(prefix.ok && address !== undefined && mask !== undefined);
  return [formatPrefix(prefix.value), formatAddress(address), prefix.value.family === 4 ? mask : null];
}

test('aggregate holds exactly the same addresses: the ranges of both merge to one multirange', async () => {
  const lists = anyUniverse.chain((universe) => prefixesIn(universe, 40));
  // Half-open, since numeric has no neighbours: [0,63] and [64,127] would stay apart.
  const spans = (prefixes: readonly Prefix[]) => {
    const ends = prefixes.map(
      (prefix) => `[${String(firstAddress(prefix).value)},${String(BigInt(lastAddress(prefix).value) + 1n)})`,
    );
    return `{${ends.join(',')}}`;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(lists, { ...cases, maxLength: 20 }), async (all) => {
      const answers = await ask(
        'a::nummultirange = b::nummultirange',
        all.map((list) => spans(list)),
        all.map((list) => spans(aggregate(list))),
      );
      assert.deepEqual(
        answers,
        all.map(() => true),
      );
    }),
    runs,
  );
});

test('an exclusion constraint refuses exactly what overlaps says', async () => {
  await client.query('create table owned (prefix cidr not null, exclude using gist (prefix inet_ops with &&))');
  await fc.assert(
    fc.asyncProperty(
      anyUniverse.chain((universe) => prefixesIn(universe, 12)),
      async (list) => {
        await client.query('truncate owned');
        const kept: Prefix[] = [];
        for (const prefix of list) {
          const { rowCount } = await client.query('insert into owned values ($1) on conflict do nothing', [formatPrefix(prefix)]);
          const free = !kept.some((other) => overlaps(other, prefix));
          assert.equal(rowCount, free ? 1 : 0, formatPrefix(prefix));
          if (free) kept.push(prefix);
        }
        const { rows } = await client.query<{ prefix: string }>('select prefix::text from owned order by owned.prefix');
        const stored = rows.map(({ prefix }) => parsePrefix(prefix));
        assert.deepEqual(
          stored.map((parsed) => parsed.ok && formatPrefix(parsed.value)),
          kept.toSorted(comparePrefix).map(formatPrefix),
        );
      },
    ),
    runs,
  );
});
