import type { GatewayConfiguration } from '../../core/gateway-configuration.ts';
import { isIpv4Text } from '../../core/ip/prefix.ts';
import type { EgressFacts } from './egress-facts.ts';
import type { KernelOwnership, MarkAndTable } from './ownership.ts';
import { classMark, exitMark, internetClass, markMask, pinMark, unpinnedMarks } from './ownership.ts';

/** RuleText is an `ip rule` in one spelling: `pref P SELECTOR` and `lookup TABLE`, `goto P` or `unreachable`. */
export type RuleText = string;

/** ruleText spells a rule. The selector is `from X`, `to X` or `fwmark M/M`. */
export function ruleText(preference: number, selector: string, action: string): RuleText {
  return `pref ${String(preference)} ${selector} ${action}`;
}

/**
 * desiredRules lead packets to our tables (decision 60) and follow from the configuration alone. What none of them has is refused by a rule,
 * not by a last route of the overlay's table: the classes come after that table.
 */
export function desiredRules(own: KernelOwnership, configuration: GatewayConfiguration, facts: EgressFacts): Set<RuleText> {
  const { unpinned, pins, overlay, exits, refused } = own.preferences;
  const selectors = overlaySelectors(own, configuration);
  const marked = (preference: number, { mark, table }: MarkAndTable) =>
    ruleText(preference, `fwmark 0x${mark.toString(16)}/0xffffffff`, `lookup ${String(table)}`);
  return new Set([
    ...(facts.sharers.length > 0 ? [ruleText(unpinned, `fwmark ${unpinnedMarks(own)}`, `goto ${String(overlay)}`)] : []),
    ...facts.sharers.map(({ lane }) => marked(pins, pinMark(own, lane))),
    ...selectors.map((selector) => ruleText(overlay, selector, `lookup ${String(own.table)}`)),
    ...facts.exits.filter(({ classes }) => classes.length > 0).map(({ lane }) => marked(exits, exitMark(own, lane))),
    ...facts.classes.map(({ number }) => marked(exits, classMark(own, number))),
    ...(facts.gateways.length > 0 ? [marked(exits, classMark(own, internetClass))] : []),
    ...selectors.map((selector) => ruleText(refused, selector, 'unreachable')),
  ]);
}

function overlaySelectors(own: KernelOwnership, { gateway }: GatewayConfiguration): string[] {
  return [
    `fwmark 0x${own.mark.toString(16)}/0x${markMask.toString(16)}`,
    ...gateway.tunnelRanges.filter(isIpv4Text).map((range) => `to ${range}`),
    `from ${gateway.address}`,
  ];
}
