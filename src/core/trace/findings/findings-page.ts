import type { Cause } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import { catalogue, themes } from './catalogue.ts';
import type { Entry } from './entry.ts';
import type { Fix } from './finding.ts';

type ThemeName = keyof typeof themes;

/** What the page shows of a code: a cause, and the fixes for it. */
type Example = { readonly cause: Cause; readonly fixes: readonly Fix[] };
type Examples = (code: FindingCode) => Example;

const titles: Readonly<Record<ThemeName, string>> = {
  client: 'Devices',
  overlay: 'The WPC itself',
  'connector-session': 'The tunnel of a connector',
  forwarding: "Forwarding on the connector's machine",
  'host-filter': "Firewalls on the connector's machine",
  translation: 'NAT',
  'connector-machine': "Routes and links of the connector's machine",
  'lan-router': 'The router of a LAN',
  'cloud-routes': 'Routes in clouds',
  'cloud-filters': 'Filters in clouds',
  internet: 'Internet access',
  server: 'Servers',
};

const evidences: Readonly<Record<Fix['evidence'], string>> = {
  tested: '',
  documented: 'The commands follow the documentation of the maker; nobody here has run them.',
  unverified: 'Not verified by us: compare it with the manual first.',
};

const head = `# Findings

Everything that Causeway can find wrong with a flow, by its code. Codes are stable: programs may compare them. Examples are those of the tutorial: bob
with the tunnel address 100.96.0.13 reaches 10.0.0.20 in HQ Network, whose connector hq-1 is 10.0.0.10 and whose router is 10.0.0.1.

A finding names the machine, the direction and the object. Where one explains others, these are shown as its consequences: mend the first, and look again.
Commands are whole lines to paste; **a word in capitals stands for something that nobody has said**. Lines for Causeway itself are run as root on its
server; change /var/lib/causeway in them if its data is elsewhere. The tunnel of a connector is \`causeway0\` or \`causeway1\`.

Cloud commands are shown for AWS; [those for Azure, Google Cloud and Oracle](../src/core/trace/findings/golden/at-each-cloud.txt). A fix for a router is
written for [the platform that you have named](platforms.md), and for Linux where you have named none.

This page is made from the data in \`src/core/trace/findings\`; a test keeps it equal.

`;

/** findingsPage is docs/findings.md. */
export function findingsPage(exampleOf: Examples): string {
  const names = Object.keys(themes) as ThemeName[];
  return head + [contents(names), ...names.map((name) => theme(name, exampleOf))].join('\n');
}

export function codesOfTheme(name: ThemeName): readonly FindingCode[] {
  return Object.keys(themes[name]) as FindingCode[];
}

function contents(names: readonly ThemeName[]): string {
  const rows = names.map((name) => {
    const codes = codesOfTheme(name).map((code) => `[${code}](#${code.toLowerCase()})`);
    return `| ${titles[name]} | ${codes.join(', ')} |`;
  });
  return ['| Where | Codes |', '|---|---|', ...rows, ''].join('\n');
}

function theme(name: ThemeName, exampleOf: Examples): string {
  return [`## ${titles[name]}`, '', ...codesOfTheme(name).map((code) => section(name, code, exampleOf(code)))].join('\n');
}

function section(name: ThemeName, code: FindingCode, { cause, fixes }: Example): string {
  const entry = catalogue[code];
  return [
    `### ${code}`,
    '',
    `**${plain(entry.title(cause))}.**`,
    '',
    `*How it shows:* ${plain(entry.symptom)}`,
    '',
    `*What it is:* ${plain(entry.explanation(cause))}`,
    '',
    ...facts(entry),
    '',
    ...(fixes.length > 1 ? ['*How to mend it*, one of these:', ''] : ['*How to mend it:*', '']),
    ...fixes.flatMap(mend),
    `[All of it, with how to take it back and how to verify](../src/core/trace/findings/golden/${name}.txt)`,
    '',
  ].join('\n');
}

const directionWords = { forward: 'on the way there', reverse: 'on the way back' } as const;

function facts({ severity, node, directions, tutorial, hides }: Entry): readonly string[] {
  const where = directions.length === 0 ? 'concerns no single flow' : directions.map((each) => directionWords[each]).join(' or ');
  const explains =
    hides.length > 12 ? 'everything behind it' : hides.map((code) => `[${code}](#${code.toLowerCase()})`).join(', ');
  return [
    `* ${severity}; at: ${node}; ${where}`,
    ...(tutorial.length === 0 ? [] : [`* steps of the tutorial: ${tutorial.join(', ')}`]),
    ...(hides.length === 0 ? [] : [`* explains ${explains}`]),
  ];
}

function mend(fix: Fix): readonly string[] {
  const remarks = [
    ...(fix.betterWhen === '' ? [] : [`Better when ${plain(fix.betterWhen)}.`]),
    ...(fix.risk === '' ? [] : [plain(fix.risk)]),
    ...(fix.commands.length === 0 || fix.evidence === 'tested' ? [] : [evidences[fix.evidence]]),
    ...(fix.action === null ? [] : ['The connector can do it, when you have said yes.']),
  ];
  return [
    `* **${plain(fix.title)}**, ${plain(fix.where)}.${remarks.length === 0 ? '' : ` ${remarks.join(' ')}`}`,
    ...(fix.console.length === 0 ? [] : ['', ...fix.console.map((step) => `  * ${plain(step)}`)]),
    ...(fix.commands.length === 0 ? [] : ['', '  ```', ...fix.commands.map((line) => `  ${line}`), '  ```']),
    '',
  ];
}

/** Sentences of the catalogue are plain text; what Markdown would read is escaped. */
function plain(text: string): string {
  return text.replace(/[<>|*_`[\]]/g, '\\$&');
}
