import { Argument } from 'commander';
import type { RouteShape } from '../../contract/api/route.ts';
import type { SettingName } from '../../contract/api/setting.ts';
import { settingRoutes } from '../../contract/api/setting.ts';
import { retentionKinds } from '../../core/retention.ts';
import { jsonText } from '../json-text.ts';
import type { RouteAnswer } from '../server/call-api.ts';
import { callRoute } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import { printable, table } from '../table.ts';
import type { Noun, Parsed, Verb } from './noun.ts';
import { verbCommand } from './noun.ts';

/** Setting is how one setting is read into words, and made of words. */
interface Setting {
  readonly description: string;
  readonly read: (choice: ServerChoice) => Promise<{ readonly answer: unknown; readonly words: readonly string[] }>;
  readonly write: (
    choice: ServerChoice,
    words: readonly string[],
  ) => Promise<{ readonly answer: unknown; readonly words: readonly string[] }>;
}

function setting<const Read extends RouteShape, const Write extends RouteShape>(
  { read, write }: { readonly read: Read; readonly write: Write },
  description: string,
  wordsOf: (answer: RouteAnswer<Read> | RouteAnswer<Write>) => readonly string[],
  bodyOf: (words: readonly string[]) => unknown,
): Setting {
  return {
    description,
    read: async (choice) => {
      const answer = await callRoute(choice, read);
      return { answer, words: wordsOf(answer) };
    },
    write: async (choice, words) => {
      const answer = await callRoute(choice, write, { body: bodyOf(words) });
      return { answer, words: wordsOf(answer) };
    },
  };
}

const one = (words: readonly string[]): string => words.join(' ');

/** A word that is no number, or no boolean, goes to the API as it is, which says what is allowed. */
const numberOf = (words: readonly string[]): unknown => (/^\d{1,9}$/.test(one(words)) ? Number(one(words)) : one(words));

const flagOf = (words: readonly string[]): unknown =>
  new Map<string, boolean>([
    ['true', true],
    ['false', false],
  ]).get(one(words)) ?? one(words);

const settings: Readonly<Record<SettingName, Setting>> = {
  'wpc/subnet': setting(
    settingRoutes['wpc/subnet'],
    'ranges of tunnel addresses',
    ({ ipV4Address }) => ipV4Address,
    (ipV4Address) => ({ ipV4Address }),
  ),
  'wpc/name': setting(
    settingRoutes['wpc/name'],
    'name of the WPC',
    ({ name }) => [name],
    (words) => ({ name: one(words) }),
  ),
  'wpc/topology': setting(settingRoutes['wpc/topology'], 'who reaches whom', (text) => [text], one),
  'wpc/default-region': setting(settingRoutes['wpc/default-region'], 'region of what names none', (text) => [text], one),
  'auth/two-factor-auth': setting(
    settingRoutes['auth/two-factor-auth'],
    'a second factor is demanded of everybody: true or false',
    (demanded) => [String(demanded)],
    flagOf,
  ),
  'auth/trusted-devices-allowed': setting(
    settingRoutes['auth/trusted-devices-allowed'],
    'people may trust a browser, which is not asked for the second factor: true or false',
    (allowed) => [String(allowed)],
    flagOf,
  ),
  'user/connect-auth': setting(
    settingRoutes['user/connect-auth'],
    'when new groups that say nothing ask at connect: NO_AUTH, ON_PRIOR_AUTH or EVERY_TIME',
    (text) => [text],
    (words) => one(words).toUpperCase(),
  ),
  'user/device-allowance': setting(
    settingRoutes['user/device-allowance'],
    'devices of each user of a new group',
    (count) => [String(count)],
    numberOf,
  ),
  'user/profile-distribution': setting(
    settingRoutes['user/profile-distribution'],
    'who adds devices: AUTOMATIC, people themselves; MANUAL, administrators',
    (text) => [text],
    (words) => one(words).toUpperCase(),
  ),
  'user/device-enforcement': setting(
    settingRoutes['user/device-enforcement'],
    'machines of a profile: OFF, any; LEARN_AND_ENFORCE, the first that uses it; ENFORCE, a known one',
    (text) => [text],
    (words) => one(words).toUpperCase(),
  ),
  'dns/custom-servers': setting(
    settingRoutes['dns/custom-servers'],
    'resolvers that devices are told: two at most, none for none',
    (servers) => (servers === undefined ? [] : [servers.primaryIpV4, servers.secondaryIpV4].filter((text) => text !== '')),
    (words) => {
      const [primaryIpV4 = '', secondaryIpV4 = ''] = words.filter((word) => word !== 'none');
      return { primaryIpV4, secondaryIpV4 };
    },
  ),
  retention: setting(
    settingRoutes.retention,
    'days for which records are kept: events=30 audit=400 …, those named are changed',
    (days) => retentionKinds.map((kind) => `${kind}=${String(days[kind])}`),
    (words) => Object.fromEntries(words.map(daysOf)),
  ),
  'internet-access': setting(
    settingRoutes['internet-access'],
    'internet access of what names none',
    ({ internetAccess }) => [internetAccess],
    (words) => ({ internetAccess: one(words).toUpperCase() }),
  ),
};

/** What is no number of days, or no kind, is for the API to refuse, which says what is allowed. */
function daysOf(word: string): readonly [kind: string, days: unknown] {
  const [kind = '', days = ''] = word.split('=', 2);
  return [kind, numberOf([days])];
}

const names = Object.keys(settings) as SettingName[];

export const settingNoun: Noun = { word: 'setting', description: 'what holds for the whole WPC', verbs: [list, show, set] };

function list(...[noun, surroundings]: Parameters<Verb>): void {
  verbCommand(noun, 'list', 'list the settings that can be changed').action(async (parsed: Parsed) => {
    const found = [];
    for (const name of names) found.push({ name, ...(await settings[name].read(parsed)) });
    if (parsed.json === true) {
      surroundings.writeOut(jsonText(Object.fromEntries(found.map(({ name, answer }) => [name, answer ?? null]))));
      return;
    }
    const rows = found.map(({ name, words }) => [name, printable(textOf(words)), settings[name].description]);
    surroundings.writeOut(table([['NAME', 'VALUE', 'WHAT IT IS'], ...rows]));
  });
}

function show(...[noun, surroundings]: Parameters<Verb>): void {
  verbCommand(noun, 'show', 'show one')
    .addArgument(nameArgument())
    .action(async (name: SettingName, parsed: Parsed) => {
      const { answer, words } = await settings[name].read(parsed);
      surroundings.writeOut(parsed.json === true ? jsonText(answer ?? null) : `${printable(textOf(words))}\n`);
    });
}

function set(...[noun, surroundings]: Parameters<Verb>): void {
  verbCommand(noun, 'set', 'change one')
    .addArgument(nameArgument())
    .addArgument(new Argument('<VALUE...>', 'its value; several words where it is a list'))
    .action(async (name: SettingName, values: readonly string[], parsed: Parsed) => {
      const { answer, words } = await settings[name].write(parsed, values);
      surroundings.writeOut(parsed.json === true ? jsonText(answer ?? null) : `${name} is ${printable(textOf(words))}\n`);
    });
}

function nameArgument(): Argument {
  return new Argument('<NAME>', 'which setting').choices(names);
}

function textOf(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(' ');
}
