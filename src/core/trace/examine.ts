import type { NetworkId } from '../ids.ts';
import type { AddressText } from '../ip/address.ts';
import type { Device, Network } from '../model.ts';
import { checkFlow } from './check-flow.ts';
import { exampleAddress } from './example-address.ts';
import type { Finding, Severity } from './findings/finding.ts';
import { findingsOf } from './findings/findings-of.ts';
import { fixContext } from './fix-context.ts';
import type { FlowQuestion, TraceEnd } from './flow-packet.ts';
import type { TraceInput } from './input.ts';
import { connectorCauses } from './connector-causes.ts';
import { deviceRef, networkRef } from './refs.ts';
import type { Scene } from './scene.ts';
import { sceneOf } from './scene.ts';
import { withConnected } from './hypothesis.ts';

/** An address of the internet that nobody has (RFC 5737): flows for it go the way of all internet traffic. */
const somewhere = '198.51.100.1' as AddressText;

/**
 * examine is the doctor: it looks at every machine that reports, and traces one flow for each thing that is configured: a person to every
 * network, every choice of internet access, every site to every other as far as its router's routes were stated. Nobody's device being off is
 * no finding. What several flows find is told once. Pure; nothing is sent.
 */
export function examine(input: TraceInput): readonly Finding[] {
  const scene = sceneOf(input);
  const found = scene.input.model.connectors.flatMap(({ id }) => findingsOf(null, connectorCauses(scene, id), fixContext(scene)));
  const flows = questions(scene);
  const asIf = withConnected(input, flows.devices);
  for (const question of flows.questions) found.push(...checkFlow(asIf, question).findings);
  return merged(found.filter(({ code }) => code !== 'CLI-OFFLINE'));
}

type Flows = { readonly questions: readonly FlowQuestion[]; readonly devices: readonly Device[] };

function questions(scene: Scene): Flows {
  const { model } = scene.input;
  const [first] = representatives(scene);
  const ofAccess = representatives(scene);
  const served = model.networks.filter(({ id }) => model.connectors.some(({ site, suspended }) => site.id === id && !suspended));
  const targets = new Map(
    served.flatMap((network): [NetworkId, TraceEnd][] => {
      const example = exampleAddress(scene.input, network);
      return example === undefined ? [] : [[network.id, { object: networkRef(scene, network.id), address: example.address }]];
    }),
  );
  const people = first === undefined ? [] : [...targets.values()].map((target) => ping(deviceEnd(scene, first), target));
  const internet = ofAccess
    .filter((device) => goesThroughWpc(scene, device))
    .map((device) =>
      ping(deviceEnd(scene, device), { object: { kind: 'server', id: somewhere, label: 'the internet' }, address: somewhere }),
    );
  return { questions: [...people, ...internet, ...sitePairs(scene, served, targets)], devices: ofAccess };
}

/** One connected device for each kind of internet access, or one that is not connected where none is. */
function representatives(scene: Scene): readonly Device[] {
  const { model, observed } = scene.input;
  const groups = new Map(model.userGroups.map(({ id, internet }) => [id, JSON.stringify(internet)]));
  const users = new Map(model.users.map((user) => [user.id, user]));
  const chosen = new Map<string, Device>();
  for (const device of model.devices) {
    const user = users.get(device.user);
    if (user === undefined || user.suspended) continue;
    const key = groups.get(user.group) ?? '';
    const known = chosen.get(key);
    if (known === undefined || (!observed.attached.has(`device:${known.id}`) && observed.attached.has(`device:${device.id}`)))
      chosen.set(key, device);
  }
  return [...chosen.values()];
}

function goesThroughWpc(scene: Scene, { id }: Device): boolean {
  return scene.endpoint(`device:${id}`)?.internet.kind === 'tunnel';
}

/** Whether sites are meant to reach each other is known only where the operator has stated what a router's routes are. */
function sitePairs(
  scene: Scene,
  networks: readonly Network[],
  targets: ReadonlyMap<NetworkId, TraceEnd>,
): readonly FlowQuestion[] {
  return networks.flatMap(({ id }) => {
    const from = targets.get(id);
    const others = [...targets].filter(([other]) => other !== id).map(([, target]) => target);
    const isStated = (scene.statement(id).router?.routes ?? null) !== null;
    return from === undefined || !isStated ? [] : others.map((target) => ping(from, target));
  });
}

function deviceEnd(scene: Scene, { id, address }: Device): TraceEnd {
  return { object: deviceRef(scene, id), address };
}

function ping(source: TraceEnd, destination: TraceEnd): FlowQuestion {
  return { source, destination, protocol: 'icmp', port: null, bytes: 84, dontFragment: false };
}

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** The same code about the same object is one finding, the worst of them; errors first, else in the order in which they were found. */
function merged(findings: readonly Finding[]): readonly Finding[] {
  const byObject = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.code} ${finding.object.kind} ${finding.object.id}`;
    const known = byObject.get(key);
    if (known === undefined || order[finding.severity] < order[known.severity]) byObject.set(key, finding);
  }
  return [...byObject.values()].toSorted((a, b) => order[a.severity] - order[b.severity]);
}
