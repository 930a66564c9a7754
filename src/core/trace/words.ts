/**
 * src/core/trace follows one flow through the WPC and back (design.md 8): a pure function of model, compiled configuration, observations and
 * flow to a FlowCheck. `linux/` is what a Linux machine does with a packet, `filter/` its nft and iptables rules, `cloud/` the route tables and
 * filters of clouds, `findings/` what is wrong, why, and the command that mends it. Tests stand beside:
 * `./causeway node --test 'src/core/trace/**\/*.test.ts'`; `*.integration.test.ts` compare with the kernel and need root.
 *
 * This file: the closed lists of words of a result, each with the sentence that docs/tracing.md gives (a test compares the two).
 */

/** Verdict is the answer to the whole question: there and back. */
export const verdicts = {
  works: 'The packet arrives and its answer comes back.',
  broken: 'The packet does not arrive: a machine on the way there drops it, or it goes round in a loop.',
  'broken-return': 'The packet arrives, and its answer is lost on the way back.',
  'not-permitted': 'The packet does not arrive because the WPC does not allow the flow; nothing is out of order.',
  intermittent: 'Some packets pass and others do not: answers contradict each other, or the flow works only for a time.',
  unknown: 'A machine decides about the flow of which nobody has said or seen enough; a probe or a statement settles it.',
} as const satisfies Record<string, string>;
export type Verdict = keyof typeof verdicts;

/** Ending is how one direction ends. `delivered` and `leaves-known-network` are success; every other ending is not. */
export const endings = {
  delivered: 'The machine that the packet is for has it, and takes it.',
  'leaves-known-network': 'The packet goes out to the internet by the intended way; what happens there is not modelled.',
  dropped: 'The last step of the last hop drops the packet.',
  undetermined: 'The last step of the last hop cannot be decided with what is known.',
  loop: 'The packet comes to a machine again in the way in which it came before, or its TTL runs out.',
} as const satisfies Record<string, string>;
export type Ending = keyof typeof endings;

export function isSuccess(ending: Ending): boolean {
  return ending === 'delivered' || ending === 'leaves-known-network';
}

/** NodeKind is what a hop is. */
export const nodeKinds = {
  device: "A person's end device with an OpenVPN client.",
  gateway: 'A gateway of a region: openvpn, kernel routes and nftables of ours.',
  mesh: 'The link between two gateways.',
  connector: 'The Linux machine that joins a network or a host to the WPC.',
  lan: 'The segment between machines of a site.',
  'cloud-router': "The route table and the subnet's filters of a cloud.",
  router: 'A router of a site that is not ours.',
  host: 'A server or computer of a site.',
  internet: 'Everything beyond.',
} as const satisfies Record<string, string>;
export type NodeKind = keyof typeof nodeKinds;

/** Stage is what a step of a hop decides, in the order in which a packet may meet them. */
export const stages = {
  originate: 'A machine makes the packet: which source address it has.',
  'client-route': "The device's routes lead the packet into the tunnel, or past it.",
  'tunnel-tx': 'openvpn takes the packet into the tunnel.',
  'tunnel-rx': 'openvpn gives the packet out of the tunnel; the tunnel is up.',
  'nic-ingress': "The platform's check of the network card, source and destination address, on the way in or out.",
  'cloud-filter-in': 'Security group, NSG, security list or subnet ACL for what comes in.',
  'access-policy': 'The WPC allows the flow: who is admitted, who may send what, internet access.',
  'overlay-route': 'The WPC finds the network, host, device or internet gateway that has the destination.',
  'source-check': "The machine accepts the packet's source on this interface: rp_filter, martians, own addresses.",
  'local-accept': 'The destination is an address of this machine: it is not forwarded.',
  forwarding: 'The machine forwards packets that arrive on this interface.',
  route: "The machine's policy rules and routing tables have a way to the destination.",
  'host-filter': 'Rules of nftables and iptables of the machine.',
  nat: 'Source or destination address is changed, or was changed and is put back.',
  session: 'The packet belongs to a flow that the machine tracks, or begins one.',
  neighbour: 'The next machine answers for its address on the segment.',
  mtu: 'The packet fits.',
  'cloud-route': "The cloud's route table of the sender's subnet has a way to the destination.",
  'cloud-filter-out': 'Security group, NSG, security list or subnet ACL for what goes out.',
  deliver: 'The machine that the packet is for takes it: somebody listens.',
  'reply-originate': 'The machine makes the answer and chooses the way for it.',
} as const satisfies Record<string, string>;
export type Stage = keyof typeof stages;

export const stepResults = {
  pass: 'The packet goes on as it is.',
  change: 'The packet goes on and is another: its addresses or ports were changed.',
  drop: 'The packet ends here.',
  assumed: 'The packet goes on, as it does on machines that are set up as usual; nobody has said or seen it here.',
  unknown: 'Nobody has said or seen what this step decides, and it is as likely to end here as to go on.',
} as const satisfies Record<string, string>;
export type StepResult = keyof typeof stepResults;

export const evidences = {
  config: "It follows from the WPC's own configuration, or from what the operator has stated.",
  observed: 'The machine reported the state that decides it.',
  probed: 'A packet that was sent for this purpose showed it.',
  assumed: 'It is taken for granted; a probe or a statement would settle it.',
} as const satisfies Record<string, string>;
export type Evidence = keyof typeof evidences;

export const confidences = {
  proven: 'Every step follows from configuration, was reported or was probed.',
  assumed: 'At least one step is taken for granted.',
  open: 'At least one step could not be decided.',
} as const satisfies Record<string, string>;
export type Confidence = keyof typeof confidences;

/** Direction of a trace within a check. */
export type Direction = 'forward' | 'reverse';
