import { formatAddress } from '../../ip/address.ts';
import type { Arrival, Course, Passage, Place } from '../place.ts';
import { end, placeKey, to } from '../place.ts';
import { nodeOf } from '../refs.ts';
import type { Scene } from '../scene.ts';
import { step } from '../step.ts';

type InternetPlace = Extract<Place, { kind: 'internet' }>;

/** passInternet is everything beyond the last machine that is known. What it does is taken for granted: an answer comes back the way it went. */
export function passInternet(scene: Scene, place: InternetPlace, { packet, entrance }: Arrival, course: Course): Passage {
  const node = nodeOf(scene, place);
  const hop = (steps: Passage['hop']['steps']) => ({ node, in: null, out: null, steps, tutorial: [] });
  if (entrance.kind !== 'made') {
    const beyond = step('deliver', 'assumed', `${place.address} is on the internet, which is not modelled`, {
      evidence: 'assumed',
    });
    return { hop: hop([beyond]), next: end('leaves-known-network') };
  }
  const answers = step('reply-originate', 'assumed', `${place.address} answers ${formatAddress(packet.destination)}`, {
    evidence: 'assumed',
  });
  const back = course.before.get(placeKey(place));
  if (back === undefined) {
    const nowhere = step('route', 'unknown', 'flows that begin on the internet are not let in, and are not modelled');
    return { hop: hop([answers, nowhere]), next: end('undetermined') };
  }
  return { hop: hop([answers]), next: to(back, packet, { kind: 'internet' }) };
}
