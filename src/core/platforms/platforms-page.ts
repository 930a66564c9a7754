import { platformIds, platformOf } from './catalogue.ts';
import type { Evidence, Platform, PlatformKind } from './platform.ts';

const kinds: Readonly<Record<PlatformKind, string>> = {
  cloud: 'Clouds',
  router: 'Routers and firewalls',
  host: 'Machines',
  dhcp: 'DHCP',
  hypervisor: 'Hypervisors below the connector',
};

const marks: Readonly<Record<Evidence, string>> = {
  tested: 'tested',
  documented: 'by the documentation',
  unverified: 'not verified by us',
};

const carries: Readonly<Record<Platform['sharedSpace'], string>> = { yes: 'yes', no: '**no**', unknown: 'unknown' };

const head = `# Platforms

What Causeway knows of the routers and clouds in which a static route to a connector is set. The commands for one of your networks, with its
addresses filled in:

\`\`\`sh
causeway static-routes "HQ Network" --platform mikrotik
\`\`\`

When a network needs such routes at all: [site to site](site-to-site.md). This page is made from the data in \`src/core/platforms\`; a test keeps it
equal.

How far to trust a line: **tested** by our tests, **by the documentation** of the maker but never run by us, or **not verified by us**: general
knowledge. Compare that with the manual of your device first.

`;

/** platformsPage is docs/platforms.md. */
export function platformsPage(): string {
  return `${head}${Object.entries(kinds)
    .map(([kind, title]) => section(title, kind))
    .join('\n')}`;
}

function section(title: string, kind: string): string {
  const ids = platformIds.filter((id) => platformOf(id).kind === kind);
  const rows = ids.map((id) => {
    const { name, sharedSpace, otherwise, evidence } = platformOf(id);
    return `| \`${id}\` | ${name} | ${carries[sharedSpace]}${otherwise === undefined ? '' : `: ${otherwise}`} | ${marks[evidence]} |`;
  });
  return [
    `## ${title}`,
    '',
    '| Id | Platform | Routes the WPC range | Commands |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...ids.map((id) => details(id, platformOf(id))),
  ].join('\n');
}

function details(id: string, { name, parameters, console: steps, notes, links }: Platform): string {
  return [
    `### ${name}`,
    '',
    ...(parameters.length === 0
      ? []
      : ['| Parameter | What it is | Example |', '|---|---|---|', ...parameters.map(parameterRow), '']),
    ...(steps.length === 0 ? [] : ['By hand:', '', ...steps.map((step, index) => `${String(index + 1)}. ${cell(step)}`), '']),
    ...notes.map(({ text, evidence }) => `* ${cell(text)} (${marks[evidence]})`),
    ...(notes.length === 0 ? [] : ['']),
    ...(links === undefined ? [] : [`Documentation: ${links.map((link) => `<${link}>`).join(', ')}`, '']),
    `Example: [what it writes for HQ](../src/core/platforms/golden/${id}.txt).`,
    '',
  ].join('\n');
}

function parameterRow({ name, description, example, many, optional }: Platform['parameters'][number]): string {
  const remarks = [...(optional ? ['may be left out'] : []), ...(many ? ['several, with commas'] : [])];
  return `| \`${name}\` | ${cell(description)}${remarks.length === 0 ? '' : ` (${remarks.join('; ')})`} | \`${example}\` |`;
}

/** Texts of the data are plain sentences; what Markdown would read is escaped. */
function cell(text: string): string {
  return text.replace(/[<>|*_`[\]]/g, '\\$&');
}
