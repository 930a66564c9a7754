import { strictAddress } from '../ip/address.ts';
import type { FlowQuestion } from './flow-packet.ts';
import type { FlowCheck, Hop, Trace } from './result.ts';
import type { Scene } from './scene.ts';
import { inRanges } from './scene.ts';
import type { Direction, NodeKind } from './words.ts';

type Traces = Pick<FlowCheck, 'forward' | 'reverse'>;

/** The tutorial's three flows: a person reaches a site, the internet through a site, and one site another. */
type Flow = 'remote-access' | 'internet' | 'site-to-site';

type Steps = Partial<Record<NodeKind, readonly string[]>>;

/** Where each step of the tutorial happens (tutorial.md 10). A kind that a flow meets twice in a direction has its steps in the order of meeting. */
const steps: Readonly<Record<Flow, Readonly<Record<Direction, Steps>>>> = {
  'remote-access': {
    forward: { device: ['RA-8 RA-9'], gateway: ['RA-10'], connector: ['RA-11 RA-12 RA-13 RA-18'], host: ['RA-14'] },
    reverse: {
      host: ['RA-14 RA-19'],
      router: ['RA-15 RA-16'],
      'cloud-router': ['RA-15 RA-16'],
      connector: ['RA-17 RA-20'],
      gateway: ['RA-21'],
      device: ['RA-22'],
    },
  },
  internet: {
    forward: {
      device: ['IG-4 IG-5'],
      gateway: ['IG-2 IG-6'],
      connector: ['IG-7 IG-8 IG-9 IG-16'],
      router: ['IG-10 IG-17'],
      'cloud-router': ['IG-10 IG-17'],
    },
    reverse: {
      router: ['IG-11 IG-12 IG-13 IG-18'],
      'cloud-router': ['IG-11 IG-12 IG-13 IG-18'],
      connector: ['IG-14 IG-19'],
      gateway: ['IG-20'],
      device: ['IG-21'],
    },
  },
  'site-to-site': {
    forward: {
      host: ['SS-17', 'SS-24'],
      router: ['SS-18 SS-19'],
      'cloud-router': ['SS-18 SS-19'],
      connector: ['SS-20 SS-21', 'SS-23'],
      gateway: ['SS-22'],
    },
    reverse: {
      host: ['SS-24', 'SS-28'],
      router: ['SS-25 SS-30'],
      'cloud-router': ['SS-25 SS-30'],
      connector: ['SS-26', 'SS-28'],
      gateway: ['SS-27'],
    },
  },
};

/** withTutorial notes at each hop which steps of the tutorial happen there. */
export function withTutorial(scene: Scene, question: FlowQuestion, { forward, reverse }: Traces): Traces {
  const flow = flowOf(scene, question);
  return {
    forward: noted(forward, steps[flow].forward),
    reverse: reverse === null ? null : noted(reverse, steps[flow].reverse),
  };
}

function noted({ ending, hops }: Trace, wanted: Steps): Trace {
  const met = new Map<NodeKind, number>();
  const withSteps = hops.map((hop): Hop => {
    const count = met.get(hop.node.kind) ?? 0;
    met.set(hop.node.kind, count + 1);
    const ids = wanted[hop.node.kind]?.[count]?.split(' ') ?? [];
    return ids.length === 0 ? hop : { ...hop, tutorial: ids };
  });
  return { ending, hops: withSteps };
}

function flowOf(scene: Scene, { source, destination }: FlowQuestion): Flow {
  const target = strictAddress(destination.address);
  if (scene.networkOf(strictAddress(source.address)) !== undefined) return 'site-to-site';
  return scene.networkOf(target) === undefined && !inRanges(scene, target) ? 'internet' : 'remote-access';
}
