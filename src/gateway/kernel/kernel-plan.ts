/**
 * Step is one line for `ip -batch -` or `nft -f -` that leaves nothing to decide. `object` says in words what it is about, for messages;
 * `device` names the tun that it needs, so that what fails because its tun failed is told apart.
 */
export type Step = {
  readonly line: string;
  readonly object: string;
  readonly change: 'add' | 'remove';
  readonly device?: string;
};

/**
 * KernelPlan is the difference between what is wanted and what is there. Additions of `ip` come first, since nft may lead packets to tables
 * that must be there by then; then nft, so that what is cut does not send while its routes are taken away; then removals of `ip`.
 */
export type KernelPlan = { readonly nft: readonly Step[]; readonly ip: readonly Step[] };

export function isEmptyPlan(plan: KernelPlan): boolean {
  return plan.nft.length === 0 && plan.ip.length === 0;
}

/** describePlan gives the plan as text, one step a line, as it would be run. */
export function describePlan(plan: KernelPlan): string {
  return [...plan.nft.map(({ line }) => `nft ${line}`), ...plan.ip.map(({ line }) => `ip ${line}`)].join('\n');
}
