import type { Device } from '../model.ts';
import type { Attachment, TraceInput } from './input.ts';

/** withConnected is the same WPC as if these devices were connected: for questions that are not about whether somebody has switched on. */
export function withConnected(input: TraceInput, devices: readonly Device[]): TraceInput {
  const { attached, now } = input.observed;
  const missing = devices.filter(({ id }) => !attached.has(`device:${id}`));
  if (missing.length === 0) return input;
  const added = missing.map(({ id, userLane }): [`device:${typeof id}`, Attachment] => [
    `device:${id}`,
    { lane: `u${userLane}`, since: now, clientAddress: null },
  ]);
  return { ...input, observed: { ...input.observed, attached: new Map([...attached, ...added]) } };
}
