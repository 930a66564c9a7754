import type { EndpointId } from '../ids.ts';
import type { Credible, Health } from './health.ts';
import { countedTargets } from './health.ts';
import type { ChoiceReason, PoolChoice } from './owners.ts';

/** healthSentence says for people what is probed through a connector, and what came of it. */
export function healthSentence(health: Health, credible: Credible): string {
  const { tunnel, targets } = health.probed;
  const counted = countedTargets(health, credible);
  const asked = counted.length === 0 ? `its tunnel address ${tunnel}` : counted.join(' or ');
  const silent = targets.filter((address) => !counted.includes(address));
  const ignored =
    silent.length === 0
      ? ''
      : `; ${silent.join(', ')} behind it has never answered through any connector of the network and does not count`;
  switch (health.cause.kind) {
    case 'detached':
      return 'it is not connected';
    case 'unproven':
      return `it has connected; no answer from ${asked} yet${ignored}`;
    case 'never-answered':
      return `its tunnel address ${tunnel} has never answered; let it answer pings of the gateway${ignored}`;
    case 'tunnel-silent':
      return `nothing answers through its tunnel: ${[tunnel, ...counted].join(', ')}`;
    case 'target-silent':
      return `it answers, but ${counted.join(' and ')} behind it does not: its LAN is cut`;
    case 'answers':
      return health.state === 'recovering'
        ? `${asked} answers again; it is trusted when that has lasted${ignored}`
        : `${asked} answers${ignored}`;
  }
}

const sentences: Readonly<Record<ChoiceReason, string>> = {
  best: 'the first of those that work',
  sharing: 'all that work share the traffic',
  recovering: 'nobody is left that has worked for long enough to be trusted',
  draining: 'nobody is left that is not draining',
  kept: 'nobody is healthy; the last one keeps the routes, since it may be the probes that are wrong',
  refused: 'nobody is healthy; the traffic is refused',
  nobody: 'nobody is connected',
};

/** choiceSentence says for people why a pool's routes are where they are. */
export function choiceSentence({ why }: PoolChoice): string {
  return sentences[why];
}

/** ownersText names the owners of a pool. */
export function ownersText(owners: readonly EndpointId[], nameOf: (endpoint: EndpointId) => string): string {
  return owners.length === 0 ? 'nobody' : owners.map(nameOf).join(' and ');
}
