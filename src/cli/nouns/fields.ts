import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { parseCount } from '../options/count.ts';
import type { ServerChoice } from '../server/server.ts';
import type { ThingKind } from './thing.ts';
import { findThing } from './thing.ts';
import { formOf, ThingOption } from './thing-words.ts';

/** TypedField says how a field of a request is typed; everything else about it is in the contract's schema. */
export interface TypedField {
  /** Without its hyphens. */
  readonly option: string;
  readonly description: string;
  /** What stands for the value in the help; that of the kind or of the schema where it is not given. */
  readonly form?: string;
  /** The field holds ids of these; names are typed. */
  readonly refers?: ThingKind;
  /** The field's value, where a list is more than what is typed. */
  readonly put?: (typed: readonly string[]) => unknown;
}

/** `without` is why there is no option for a field. */
export type Field = TypedField | { readonly without: string };

/** FieldTable names every field of a schema: one that is new in the contract does not compile until somebody has decided about it. */
export type FieldTable<Schema extends z.ZodObject> = { readonly [Name in keyof z.input<Schema>]-?: Field };

/** FieldOptions are the options of a table, and what makes a request of them. */
export interface FieldOptions {
  readonly options: readonly Option[];
  /** The fields that were given, with ids in place of names; empty where none was. */
  readonly read: (choice: ServerChoice, parsed: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;
}

/** What may be typed for a field, as its schema says. */
type Shape =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'count'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'flag' }
  | { readonly kind: 'text' }
  | { readonly kind: 'list'; readonly words: readonly string[] | undefined };

/**
 * fieldOptions makes options from a schema: its words are choices, its numbers have its bounds, its lists are options that repeat. With
 * `canEmpty` each list has a `--no-…` too, which empties it.
 */
export function fieldOptions<Schema extends z.ZodObject>(
  schema: Schema,
  table: FieldTable<Schema>,
  { canEmpty = false }: { readonly canEmpty?: boolean } = {},
): FieldOptions {
  const fields = Object.entries<Field>(table).flatMap(([name, field]) => {
    const type = schema.shape[name];
    if ('without' in field || type === undefined) return [];
    const shape = shapeOf(type);
    return [{ name, field, isList: shape.kind === 'list', options: optionsOf(field, shape, canEmpty) }];
  });
  return {
    options: fields.flatMap(({ options }) => options),
    read: async (choice, parsed) => {
      const body: Record<string, unknown> = {};
      for (const { name, field, isList, options } of fields) {
        const value = parsed[options[0]?.attributeName() ?? ''];
        if (value === undefined) continue;
        body[name] = await valueOf(choice, field, value === false && isList ? [] : value);
      }
      return body;
    },
  };
}

async function valueOf(choice: ServerChoice, { refers, put }: TypedField, value: unknown): Promise<unknown> {
  const id = async (name: string): Promise<string> => (refers === undefined ? name : (await findThing(choice, refers, name)).id);
  if (Array.isArray(value)) {
    // One after the other: each may refuse, and the first refusal is the one to show.
    const ids: string[] = [];
    for (const name of value) ids.push(await id(String(name)));
    return put === undefined ? ids : put(ids);
  }
  return typeof value === 'string' ? await id(value) : value;
}

function optionsOf(field: TypedField, shape: Shape, canEmpty: boolean): readonly Option[] {
  const { option, description, refers } = field;
  const make = (form: string, words: string): Option => {
    const flags = `--${option} <${field.form ?? (refers === undefined ? form : formOf(refers))}>`;
    return refers === undefined ? new Option(flags, words) : new ThingOption(flags, words, refers);
  };
  switch (shape.kind) {
    case 'words':
      // The reader is ours, since it takes small letters too.
      return [
        make('WORD', description)
          .choices(shape.words)
          .argParser((text) => wordOf(shape.words, text)),
      ];
    case 'count': {
      const { minimum, maximum } = shape;
      const words = `${description}: ${String(minimum)} to ${String(maximum)}`;
      return [make('N', words).argParser((text) => parseCount(text, minimum, maximum))];
    }
    case 'flag':
      return [new Option(`--${option}`, description), new Option(`--no-${option}`, `not so`)];
    case 'text':
      return [make('TEXT', description)];
    case 'list': {
      const { words } = shape;
      const list = make('TEXT', `${description}; may be given several times`);
      const many = (words === undefined ? list : list.choices(words)).argParser((text, before: unknown) => [
        ...(Array.isArray(before) ? (before as readonly string[]) : []),
        words === undefined ? text : wordOf(words, text),
      ]);
      const none = new Option(`--no-${option}`, `none`);
      return canEmpty ? [many, none] : [many];
    }
  }
}

function wordOf(words: readonly string[], text: string): string {
  const word = words.find((each) => each.toLowerCase() === text.toLowerCase());
  if (word !== undefined) return word;
  throw new InvalidArgumentError(`${quoteInput(text)} is not allowed; allowed: ${words.join(', ')}.`);
}

/** What of JSON Schema says what may be typed. */
const described: z.ZodType<Described> = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  items: z.lazy(() => described).optional(),
  anyOf: z.array(z.lazy(() => described)).optional(),
});
type Described = {
  type?: string | string[] | undefined;
  enum?: string[] | undefined;
  const?: unknown;
  minimum?: number | undefined;
  maximum?: number | undefined;
  items?: Described | undefined;
  anyOf?: Described[] | undefined;
};

function shapeOf(type: z.core.$ZodType): Shape {
  // As JSON Schema, which says what is sent and not how the server reads it.
  return shapeIn(described.parse(z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' })));
}

function shapeIn(schema: Described): Shape {
  const [first] = meant(schema);
  if (first?.enum !== undefined) return { kind: 'words', words: first.enum };
  const types = [first?.type].flat();
  if (types.includes('boolean')) return { kind: 'flag' };
  if (types.includes('integer')) {
    return { kind: 'count', minimum: first?.minimum ?? 0, maximum: first?.maximum ?? 999_999_999 };
  }
  if (types.includes('array')) return { kind: 'list', words: first?.items?.enum };
  // An object is put together from a list of texts.
  if (types.includes('object')) return { kind: 'list', words: undefined };
  return { kind: 'text' };
}

/** What a person may mean: not null and not the empty text, which stand for "not given" in the API. */
function meant(schema: Described): Described[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(meant);
  return schema.type === 'null' || schema.const === '' ? [] : [schema];
}
