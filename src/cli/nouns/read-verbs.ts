import type { z } from 'zod';
import { exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import type { AnyPage } from '../server/list-all.ts';
import { readPages } from '../server/list-all.ts';
import type { ServerChoice } from '../server/server.ts';
import { printable, table } from '../table.ts';
import type { FieldOptions } from './fields.ts';
import type { Parsed, Verb } from './noun.ts';
import { verbCommand } from './noun.ts';
import type { NameOf, Thing, ThingKind } from './thing.ts';
import { findThing, namesOf } from './thing.ts';
import { ThingArgument } from './thing-words.ts';

/** Column is one of a list: its heading, and what stands there. */
export type Column<Item> = readonly [heading: string, text: (item: Item, nameOf: NameOf) => string];

/** Row is one of what is shown of a single thing; several texts stand below each other. */
export type Row = readonly [label: string, text: string | readonly string[]];

type Query = Readonly<Record<string, string>>;

/** listVerb is `list`: a table for people, with --json the array of what the API answers, all its pages together. */
export function listVerb<Item>(verb: {
  readonly description: string;
  readonly fetch: (choice: ServerChoice, query: Query, parsed: Parsed) => Promise<Item[]>;
  readonly columns: readonly Column<Item>[];
  /** Of what the columns name. */
  readonly mentions?: readonly ThingKind[];
  /** What narrows the list: fields of the route's query. */
  readonly filters?: FieldOptions;
  readonly empty: string;
}): Verb {
  const { description, fetch, columns, mentions = [], filters, empty } = verb;
  return (noun, surroundings) =>
    void verbCommand(noun, 'list', description, filters?.options).action(async (parsed: Parsed) => {
      const query = (await filters?.read(parsed, parsed)) ?? {};
      const texts = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
      const items = await fetch(parsed, texts, parsed);
      if (parsed.json === true) return surroundings.writeOut(jsonText(items));
      if (items.length === 0) return surroundings.writeOut(`${empty}\n`);
      const nameOf = await namesOf(parsed, mentions);
      const rows = items.map((item) => columns.map(([, text]) => printable(text(item, nameOf))));
      surroundings.writeOut(table([columns.map(([heading]) => heading), ...rows]));
    });
}

/** pagesOf reads a list of the API that comes in pages. */
export async function pagesOf<Page extends AnyPage>(
  route: { readonly path: string; readonly answer: Page },
  choice: ServerChoice,
  query: Query = {},
): Promise<z.output<Page>['content']> {
  return await readPages(choice, route.path, route.answer, { query });
}

/** Shown is how one thing is read, and what is said of it. */
export interface Shown<Item> {
  readonly kind: ThingKind;
  readonly read: (choice: ServerChoice, thing: Thing) => Promise<Item>;
  readonly rows: (item: Item, nameOf: NameOf, thing: Thing) => readonly Row[];
  /** Of what the rows name. */
  readonly mentions?: readonly ThingKind[];
}

/** showVerb is `show NAME`. */
export function showVerb<Item>({ kind, read, rows, mentions = [] }: Shown<Item>): Verb {
  return (noun, surroundings) =>
    void verbCommand(noun, 'show', `show one, with everything that is known of it`)
      .addArgument(new ThingArgument(kind))
      .action(async (wanted: string, parsed: Parsed) => {
        const thing = await findThing(parsed, kind, wanted);
        const item = await read(parsed, thing);
        if (parsed.json === true) surroundings.writeOut(jsonText(item));
        else surroundings.writeOut(rowsText(rows(item, await namesOf(parsed, mentions), thing)));
        surroundings.setExitCode(exitCodes.works);
      });
}

/** rowsText aligns labels and texts; what has no text is left out. */
export function rowsText(rows: readonly Row[]): string {
  return table(
    rows.flatMap(([label, text]) =>
      [text]
        .flat()
        .filter((line) => line !== '')
        .map((line, index) => [index === 0 ? label : '', printable(line)]),
    ),
  );
}
