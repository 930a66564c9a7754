import { gzipSync } from 'node:zlib';
import type { BuildFacts, PackagePlan, PlannedFile } from './package-plan.ts';

/** controlText is DEBIAN/control. `size_kib` is what the files take up when they are installed. */
export function controlText({ name, architecture, control }: PackagePlan, facts: BuildFacts, size_kib: number): string {
  const { Description: description, ...relations } = control;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Package', name],
    ['Version', facts.version],
    ['Architecture', architecture],
    ['Maintainer', facts.maintainer],
    ['Installed-Size', String(size_kib)],
    ...Object.entries(relations),
    ['Section', 'net'],
    ['Priority', 'optional'],
    ['Description', descriptionText(description)],
  ];
  return fields.flatMap(([field, value]) => (value === undefined || value === '' ? [] : [`${field}: ${value}\n`])).join('');
}

/** Paragraphs are filled to 78 columns, indented by one space, and parted by a dot, as Debian's policy wants it. */
function descriptionText([short, ...paragraphs]: readonly [string, ...string[]]): string {
  return [short, ...paragraphs.map(filled).join('\n .\n').split('\n')].join('\n');
}

function filled(paragraph: string): string {
  return (paragraph.match(/\S(?:.{0,75}\S)?(?=\s|$)/g) ?? []).map((line) => ` ${line}`).join('\n');
}

/** documents are the files that every Debian package has below /usr/share/doc, and the overrides for lintian. */
export function documents({ name, overrides }: PackagePlan, facts: BuildFacts): PlannedFile[] {
  const directory = `/usr/share/doc/${name}`;
  const lintian = overrides.map(({ tag, reason }) => `# ${reason}\n${name}: ${tag}\n`).join('');
  return [
    { path: `${directory}/copyright`, mode: 0o644, kind: 'text', text: copyright },
    // Without a name and a time inside, so that the same text gives the same bytes.
    { path: `${directory}/changelog.gz`, mode: 0o644, kind: 'text', text: gzipSync(changelog(name, facts), { level: 9 }) },
    ...(lintian === ''
      ? []
      : [{ path: `/usr/share/lintian/overrides/${name}`, mode: 0o644, kind: 'text', text: lintian } as const]),
  ];
}

function changelog(name: string, { version, commit, maintainer, time_s }: BuildFacts): string {
  const date = new Date(time_s * 1_000).toUTCString().replace('GMT', '+0000');
  return `${name} (${version}) stable; urgency=medium\n\n  * Built from commit ${commit}.\n\n -- ${maintainer}  ${date}\n`;
}

const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Causeway
Comment: What others have written and these packages carry brings its own licence
 beside it: Node.js in /usr/lib/causeway/node/LICENSE, PostgreSQL and the npm
 packages in the LICENSE files below /usr/lib/causeway/node_modules, the portal's
 libraries in /usr/lib/causeway/portal/assets/licenses.md.

Files: *
Copyright: 2026 The authors of Causeway
License: Apache-2.0
 On Debian systems the text of the Apache License, Version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`;
