import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { assembleAgent } from '../../src/contract/connector-scripts.ts';
import type { Given, PackagePlan, PlannedFile } from './package-plan.ts';
import { zstd } from './zstd-override.ts';

/**
 * connectorPlan is the agent of a connector as the controller serves it, with a last part that says what a package owns, and a program that joins a
 * controller. The units are those that the agent writes where there is no package.
 */
export async function connectorPlan({ checkout, version }: Given): Promise<PackagePlan> {
  const names = checkout.files.filter((file) => /^src\/connector\/agent\/[^/]+\.sh$/.test(file));
  const parts = await Promise.all([...names, 'packaging/deb/connector/packaged.sh'].map((file) => checkout.read(file)));
  const forUnits = ['src/connector/agent/paths.sh', 'src/connector/agent/service.sh', 'packaging/deb/connector/packaged.sh'];
  const unitTexts = (await Promise.all(forUnits.map((file) => checkout.read(file)))).join('\n');
  const file = async (path: string, mode: PlannedFile['mode'], from: string): Promise<PlannedFile> => ({
    path,
    mode,
    kind: 'text',
    text: await checkout.read(`packaging/deb/connector/${from}`),
  });
  const script = (name: string) => checkout.read(`packaging/deb/connector/${name}.sh`);
  const unit = async (path: string, prints: string): Promise<PlannedFile> => ({
    path: `/lib/systemd/system/${path}`,
    mode: 0o644,
    kind: 'text',
    text: (await promisify(execFile)('sh', ['-c', `${unitTexts}\n${prints}`], { env: { PATH: process.env['PATH'] } })).stdout,
  });
  return {
    name: 'causeway-connector',
    architecture: 'all',
    control: {
      Depends: ['openvpn (>= 2.5)', 'nftables', 'iproute2', 'curl', 'openssl', 'passwd'].join(', '),
      Recommends: 'iputils-ping, conntrack',
      Description: [
        'Self-hosted wide-area private cloud over OpenVPN: connector of a site',
        'A connector is a machine at a site that opens a tunnel outward to a gateway of Causeway and passes packets between the tunnel and its LAN. This package brings its agent, which then comes with the updates of the machine.',
        'Paste the install line that the controller gives: it finds the package and joins with it.',
      ],
    },
    files: [
      {
        path: '/usr/lib/causeway-connector/agent.sh',
        mode: 0o755,
        kind: 'text',
        text: assembleAgent({ url: '', ca: '', version: version.program }, parts),
      },
      await file('/usr/sbin/causeway-connector', 0o755, 'causeway-connector.sh'),
      await file('/etc/causeway-connector/connector.conf', 0o644, 'connector.conf'),
      await unit('causeway-connector.service', 'systemd_agent_unit'),
      await unit('causeway-connector-tunnel@.service', 'systemd_tunnel_unit'),
    ],
    conffiles: ['/etc/causeway-connector/connector.conf'],
    scripts: { postinst: await script('postinst'), prerm: await script('prerm'), postrm: await script('postrm') },
    overrides: [zstd],
  };
}
