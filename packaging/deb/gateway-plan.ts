import type { Given, PackagePlan } from './package-plan.ts';
import { servicePrerm } from './package-plan.ts';
import { sourceFiles } from './program-files.ts';
import { packagesFor } from './relations.ts';
import { zstd } from './zstd-override.ts';

/** gatewayPlan is what a machine needs to carry tunnels: the gateway's agent, and Debian's openvpn, nftables and the like. */
export async function gatewayPlan({ checkout, version }: Given): Promise<PackagePlan> {
  const table = await checkout.read('src/launcher/debian-packages.txt');
  const needed = packagesFor(table, 'up');
  const forLab = packagesFor(table, 'lab').filter((name) => !needed.includes(name));
  const script = (name: string) => checkout.read(`packaging/deb/gateway/${name}.sh`);
  return {
    name: 'causeway-gateway',
    architecture: 'all',
    control: {
      Depends: [`causeway (= ${version.debian})`, ...needed.map((name) => (name === 'openvpn' ? 'openvpn (>= 2.6)' : name))].join(
        ', ',
      ),
      Recommends: forLab.join(', '),
      Description: [
        'Self-hosted wide-area private cloud over OpenVPN: gateway',
        "The gateway of a Causeway installation: the agent that runs openvpn's lanes and programs the kernel, and what it needs of Debian. It is a part of the service of the package causeway on the same machine.",
        'What is recommended is for "causeway lab", which proves the product with real packets.',
      ],
    },
    files: [
      ...sourceFiles(checkout, 'causeway-gateway'),
      // Containers and minimal systems have no udev that would load it when it is opened.
      {
        path: '/usr/lib/modules-load.d/causeway-gateway.conf',
        mode: 0o644,
        kind: 'text',
        text: '# Tunnels of causeway-gateway.\ntun\n',
      },
    ],
    conffiles: [],
    scripts: { postinst: await script('postinst'), prerm: await checkout.read(servicePrerm), postrm: await script('postrm') },
    overrides: [zstd],
  };
}
