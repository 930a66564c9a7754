import type { Option } from 'commander';
import { Argument } from 'commander';
import type { RouteShape } from '../../contract/api/route.ts';
import type { ProfileFile } from '../../contract/cli/noun.ts';
import { jsonText } from '../json-text.ts';
import { writeSecretFile } from '../secret-file.ts';
import { callRoute } from '../server/call-api.ts';
import { printable } from '../table.ts';
import type { Parsed, Verb } from './noun.ts';
import { verbCommand } from './noun.ts';
import type { Thing, ThingKind } from './thing.ts';
import { findThing } from './thing.ts';
import { ThingArgument } from './thing-words.ts';

/** profileVerb is `profile NAME FILE`: a new profile, which holds a private key, into a file of its owner alone, or to stdout with `-`. */
export function profileVerb(verb: {
  readonly kind: ThingKind;
  readonly route: (thing: Thing) => RouteShape & { readonly answer: 'text' };
  readonly options?: readonly Option[];
  readonly queryOf?: (parsed: Parsed) => Readonly<Record<string, string>>;
}): Verb {
  const { kind, route, options = [], queryOf = () => ({}) } = verb;
  return (noun, surroundings) =>
    void verbCommand(noun, 'profile', 'make a profile (.ovpn) with a new key; earlier ones stay valid', options)
      .addArgument(new ThingArgument(kind))
      .addArgument(new Argument('<FILE>', 'a new file, which only you may read; - is standard output'))
      .action(async (wanted: string, path: string, parsed: Parsed) => {
        const thing = await findThing(parsed, kind, wanted);
        const make = async (): Promise<string> =>
          await callRoute(parsed, route(thing), { parameters: { id: thing.id }, query: queryOf(parsed) });
        if (path === '-') return surroundings.writeOut(await make());
        await writeSecretFile(path, make);
        const { id, name } = thing;
        surroundings.writeOut(
          parsed.json === true
            ? jsonText({ id, name, file: path } satisfies ProfileFile)
            : `wrote the profile of ${printable(name)} to ${printable(path)}\n`,
        );
        if (parsed.json !== true)
          surroundings.writeErr(
            'It holds a private key: who has the file can connect. Hand it over on a way that nobody else reads.\n',
          );
      });
}
