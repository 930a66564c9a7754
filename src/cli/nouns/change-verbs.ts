import { Argument } from 'commander';
import type { RouteShape } from '../../contract/api/route.ts';
import type { DeletedThing } from '../../contract/cli/noun.ts';
import { afterPart, CliFailure, exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import type { RouteAnswer } from '../server/call-api.ts';
import { callRoute } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import { shellWord } from '../../core/shell-word.ts';
import { printable } from '../table.ts';
import { confirm } from './confirm.ts';
import { dryRunOption, tellImpact } from './dry-run.ts';
import type { FieldOptions } from './fields.ts';
import type { Parsed, Verb } from './noun.ts';
import { verbCommand, yesOption } from './noun.ts';
import type { Shown } from './read-verbs.ts';
import type { Thing, ThingKind } from './thing.ts';
import { findThing } from './thing.ts';
import { formOf, ThingArgument, ThingOption } from './thing-words.ts';

/** Home is what a new thing belongs to: the option that names it, and the route that makes it there, with its id in the query. */
export interface Home<Shape extends RouteShape> {
  readonly kind: ThingKind;
  readonly query: string;
  readonly route: Shape;
}

/** Further is a second request for what the first one's shape cannot say; it is sent where one of its options is given. */
export interface Further {
  readonly route: RouteShape;
  readonly fields: FieldOptions;
}

/** createVerb is `create NAME`. */
export function createVerb<const Shape extends RouteShape>(verb: {
  readonly kind: ThingKind;
  readonly description: string;
  readonly to: Shape | readonly Home<Shape>[];
  /** The request's field for NAME. */
  readonly field: string;
  readonly fields: FieldOptions;
  readonly further?: Further;
  readonly idOf: (made: RouteAnswer<Shape>) => string;
  /** What is told beside its name, where that matters at once; the first line follows the name. */
  readonly says?: (made: RouteAnswer<Shape>) => readonly string[];
  /** What usually follows; goes to stderr. */
  readonly next?: (name: string) => string;
}): Verb {
  const { kind, description, to, field, fields, further, idOf, says = () => [], next } = verb;
  const homes = isHomes(to) ? to : [];
  const homeOptions = homes.map(
    (home) => new ThingOption(`--${home.kind} <${formOf(home.kind)}>`, `the ${home.kind} that it belongs to`, home.kind),
  );
  const options = [...homeOptions, ...fields.options, ...(further?.fields.options ?? [])];
  return (noun, surroundings) =>
    void verbCommand(noun, 'create', description, options)
      .addArgument(new Argument('<NAME>', 'what it is to be called'))
      .action(async (name: string, parsed: Parsed) => {
        // Everything that was typed is read before anything is made.
        const { route, query } = isHomes(to) ? await homeOf(to, parsed) : { route: to, query: {} };
        const body = { [field]: name, ...(await fields.read(parsed, parsed)) };
        const more = (await further?.fields.read(parsed, parsed)) ?? {};
        const made = await callRoute(parsed, route, { query, body });
        const id = idOf(made);
        const answer = (await sendFurther(parsed, further, more, id, `${kind} ${name} is there now`)) ?? made;
        if (parsed.json === true) surroundings.writeOut(jsonText(answer));
        else
          surroundings.writeOut(
            linesText([`created ${kind} ${[name, ...says(made).slice(0, 1)].join(', ')}`, ...says(made).slice(1)]),
          );
        if (next !== undefined && parsed.json !== true) surroundings.writeErr(`${printable(next(shellWord(name)))}\n`);
      });
}

function isHomes<Shape extends RouteShape>(to: Shape | readonly Home<Shape>[]): to is readonly Home<Shape>[] {
  return Array.isArray(to);
}

async function homeOf<Shape extends RouteShape>(
  homes: readonly Home<Shape>[],
  parsed: Parsed,
): Promise<{ readonly route: Shape; readonly query: Readonly<Record<string, string>> }> {
  const given = homes.flatMap((home) => {
    const name = parsed[home.kind];
    return typeof name === 'string' ? [{ home, name }] : [];
  });
  const [only] = given;
  if (only === undefined || given.length > 1) {
    const allowed = homes.map(({ kind }) => `--${kind} ${formOf(kind)}`).join(' or ');
    throw new CliFailure(
      exitCodes.usage,
      `${given.length === 0 ? 'it has to belong to something' : 'it belongs to one thing'}: give ${allowed}`,
    );
  }
  const { home, name } = only;
  return { route: home.route, query: { [home.query]: (await findThing(parsed, home.kind, name)).id } };
}

/** setVerb is `set NAME`: what is not given stays. */
export function setVerb(verb: {
  readonly kind: ThingKind;
  readonly route: (thing: Thing) => RouteShape;
  readonly fields: FieldOptions;
  readonly further?: Further;
  readonly dryRun?: true;
}): Verb {
  const { kind, route, fields, further, dryRun } = verb;
  const options = [...fields.options, ...(further?.fields.options ?? [])];
  return (noun, surroundings) =>
    void verbCommand(noun, 'set', 'change one; what is not given stays', [...options, ...dryRunOption(dryRun)])
      .addArgument(new ThingArgument(kind))
      .action(async (wanted: string, parsed: Parsed) => {
        const thing = await findThing(parsed, kind, wanted);
        const body = await fields.read(parsed, parsed);
        const more = (await further?.fields.read(parsed, parsed)) ?? {};
        if (Object.keys(body).length + Object.keys(more).length === 0) {
          const allowed = options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])).join(', ');
          throw new CliFailure(exitCodes.usage, `nothing to change is given; allowed: ${allowed}`);
        }
        const { id } = thing;
        const isChanged = Object.keys(body).length > 0;
        if (parsed['dryRun'] === true) {
          await tellImpact(
            surroundings,
            parsed,
            [
              ...(isChanged ? [{ route: route(thing), body }] : []),
              ...(further === undefined || Object.keys(more).length === 0 ? [] : [{ route: further.route, body: more }]),
            ],
            id,
          );
          return;
        }
        const changed = isChanged ? await callRoute(parsed, route(thing), { parameters: { id }, body }) : undefined;
        const done = isChanged ? `the first part of the change of ${kind} ${thing.name} is made` : undefined;
        const answer = (await sendFurther(parsed, further, more, id, done)) ?? changed;
        surroundings.writeOut(parsed.json === true ? jsonText(answer) : `changed ${kind} ${printable(thing.name)}\n`);
      });
}

/** `done` is what has happened before, and stays where this is refused. */
async function sendFurther(
  choice: ServerChoice,
  further: Further | undefined,
  body: Readonly<Record<string, unknown>>,
  id: string,
  done: string | undefined,
): Promise<unknown> {
  if (further === undefined || Object.keys(body).length === 0) return undefined;
  try {
    return await callRoute(choice, further.route, { parameters: { id }, body });
  } catch (error) {
    throw done === undefined ? error : afterPart(error, printable(done));
  }
}

/** deleteVerb is `delete NAME`: says what will be cut, and asks. */
export function deleteVerb<Item>(verb: {
  readonly shown: Pick<Shown<Item>, 'kind' | 'read'>;
  readonly route: (thing: Thing) => RouteShape;
  readonly description: string;
  /** Sentences. */
  readonly cuts: (item: Item) => readonly string[];
  readonly dryRun?: true;
}): Verb {
  const { shown, route, description, cuts, dryRun } = verb;
  const { kind, read } = shown;
  return (noun, surroundings) =>
    void verbCommand(noun, 'delete', description, [yesOption(), ...dryRunOption(dryRun)])
      .addArgument(new ThingArgument(kind))
      .action(async (wanted: string, parsed: Parsed) => {
        const thing = await findThing(parsed, kind, wanted);
        const { id, name } = thing;
        if (parsed['dryRun'] === true) {
          await tellImpact(surroundings, parsed, [{ route: route(thing) }], id);
          return;
        }
        // Reading what is cut is only for the question.
        const what = parsed.yes === true ? [] : cuts(await read(parsed, thing));
        await confirm(surroundings, [`This deletes ${kind} ${name}.`, ...what], parsed.yes === true);
        await callRoute(parsed, route(thing), { parameters: { id } });
        const gone: DeletedThing = { id, name };
        surroundings.writeOut(parsed.json === true ? jsonText(gone) : `deleted ${kind} ${printable(name)}\n`);
      });
}

/** actionVerb is a verb of a thing's state: `suspend NAME`. */
export function actionVerb<const Shape extends RouteShape>(verb: {
  readonly word: string;
  readonly kind: ThingKind;
  readonly description: string;
  readonly route: (thing: Thing) => Shape;
  /** What it cuts, where it cuts something: it asks then. */
  readonly cuts?: (thing: Thing) => string;
  readonly says: (thing: Thing, answer: RouteAnswer<Shape>) => string | readonly string[];
  /** What an administrator should know beside it; goes to stderr. */
  readonly warns?: (answer: RouteAnswer<Shape>) => string | null;
  readonly dryRun?: true;
}): Verb {
  const { word, kind, description, route, cuts, says, warns, dryRun } = verb;
  return (noun, surroundings) =>
    void verbCommand(noun, word, description, [...(cuts === undefined ? [] : [yesOption()]), ...dryRunOption(dryRun)])
      .addArgument(new ThingArgument(kind))
      .action(async (wanted: string, parsed: Parsed) => {
        const thing = await findThing(parsed, kind, wanted);
        const { id, name } = thing;
        if (parsed['dryRun'] === true) {
          await tellImpact(surroundings, parsed, [{ route: route(thing) }], id);
          return;
        }
        if (cuts !== undefined) await confirm(surroundings, [cuts(thing)], parsed.yes === true);
        const answer = await callRoute(parsed, route(thing), { parameters: { id } });
        if (parsed.json === true) surroundings.writeOut(jsonText(answer ?? ({ id, name } satisfies DeletedThing)));
        else surroundings.writeOut(linesText([says(thing, answer)].flat()));
        const warning = warns?.(answer) ?? null;
        if (warning !== null && parsed.json !== true) surroundings.writeErr(`${printable(warning)}\n`);
      });
}

function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${printable(line)}\n`).join('');
}
