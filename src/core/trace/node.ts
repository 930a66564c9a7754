import type { NodeKind } from './words.ts';

/** NodeRef is the machine of a hop: `id` is an EndpointId, a gateway's UUID, an address, or a cloud's id. */
export type NodeRef = { readonly kind: NodeKind; readonly id: string; readonly label: string };
