import { equalAddress, formatAddress } from '../../ip/address.ts';
import type { Step } from '../result.ts';
import { cloudCause } from './cloud-cause.ts';
import type { CloudState } from './cloud-state.ts';
import type { Crossing, End } from './crossing.ts';
import { cardKey, cloudStep } from './crossing.ts';
import { hasAddress } from './lookup.ts';
import { vendorOf } from './vendors.ts';

/**
 * checkCard is the check of a card: out of it the source, into it the destination has to be its own, unless it is allowed to forward. With
 * NAT both are the connector's own, and the check passes whether it is on or off.
 */
export function checkCard(state: CloudState, { packet }: Crossing, end: End, direction: 'in' | 'out'): Step {
  const { check, checkWord, checkOff, checkOn, setting } = vendorOf(state.cloud);
  const [what, address] = direction === 'in' ? ['destination', packet.destination] : ['source', packet.source];
  const text = formatAddress(address);
  const { card } = end;
  const name = card?.label ?? cardKey(end);
  if (hasAddress(card, address) || (card === undefined && equalAddress(end.address, address))) {
    return cloudStep(state, 'nic-ingress', 'pass', `the ${what} ${text} is the network card's own (${name})`);
  }
  if (check === 'none') {
    return cloudStep(
      state,
      'nic-ingress',
      'assumed',
      `cards of this cloud are not known to look at the ${what} of what they carry`,
    );
  }
  const forwards = card?.forwards ?? null;
  if (forwards === null) {
    return cloudStep(state, 'nic-ingress', 'unknown', `${checkWord} of ${name} was not read; the ${what} ${text} is not its own`);
  }
  if (forwards) return cloudStep(state, 'nic-ingress', 'pass', `${name} may forward: ${checkOff}`, { quote: setting.forwards });
  const refusal = card?.refusal ?? null;
  const detail = `the ${what} ${text} is not an address of ${name}, and ${checkOn}${refusal === null ? '' : ', which a policy insists on'}`;
  return cloudStep(state, 'nic-ingress', 'drop', detail, {
    quote: refusal ?? setting.checks,
    cause: cloudCause(
      state,
      // The policy is the reason; as long as it stands, the setting cannot be mended.
      refusal === null ? 'SDC-ON' : 'AZ-POLICY-DENY',
      { id: cardKey(end), label: name, card },
      packet,
      { observation: refusal ?? detail },
    ),
  });
}
