/** What has to be in order before a connector carries traffic of people, in the order in which a packet meets it. */
export const checkKinds = ['tunnel', 'report', 'forwarding', 'firewall', 'translation', 'way-back'] as const;
export type CheckKind = (typeof checkKinds)[number];

/**
 * `ok` was reported, probed, or follows from what was configured or stated; `failed` stops traffic; `unknown` nobody has said or seen; `waiting`
 * cannot be told before what comes before it is in order.
 */
export const checkStates = ['ok', 'failed', 'unknown', 'waiting'] as const;
export type CheckState = (typeof checkStates)[number];
