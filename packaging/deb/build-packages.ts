import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../../src/portal-build/bundle.ts';
import { compressFiles } from '../../src/portal-build/compress-files.ts';
import { causewayPlan } from './causeway-plan.ts';
import { connectorPlan } from './connector-plan.ts';
import { readCheckout } from './checkout.ts';
import { gatewayPlan } from './gateway-plan.ts';
import type { BuildFacts } from './package-plan.ts';
import { packageVersion } from './version.ts';
import { writeDeb } from './write-deb.ts';

const maintainer = 'Causeway <causeway@lists.invalid>';

/** dpkg's names of the machines for which there is a private Node and PostgreSQL. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * buildPackages makes the three packages of the checkout in `output`, for the architecture of this machine, and gives the path of each as soon as
 * it is whole. Two runs over the same commit give the same bytes, wherever they run. Rejects with a sentence; what was whole by then stays.
 */
export async function* buildPackages(root: string, output: string): AsyncGenerator<string> {
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw new Error(`there is no private Node for ${process.arch}: build on amd64 or arm64`);
  const checkout = await readCheckout(root);
  const { commit } = checkout;
  if (commit.changed)
    process.stderr.write(`tracked files differ from commit ${commit.hash.slice(0, 12)}: the version says "changed"\n`);
  const { version: release } = JSON.parse(await checkout.read('package.json')) as { version: string };
  const version = packageVersion(release, commit);
  const facts: BuildFacts = { version: version.debian, time_s: commit.time_s, commit: commit.hash, maintainer };
  const directory = await mkdtemp(path.join(tmpdir(), 'cw-package-'));
  try {
    const portal = path.join(directory, 'portal');
    // Not the launcher's cache: what is shipped comes from these sources and this run.
    await bundle(root, portal);
    await compressFiles(portal);
    const given = { checkout, version, architecture, portal };
    for (const plan of [await connectorPlan(given), await gatewayPlan(given), await causewayPlan(given)])
      yield await writeDeb(plan, facts, output);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
