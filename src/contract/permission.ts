/** What an API credential may be allowed: to read or to modify one kind of resource, or all of them. `modify` includes `read`. */
import { z } from 'zod';

export const resources = [
  'all',
  'region',
  'network',
  'host',
  'user',
  'user-group',
  'device',
  'session',
  'settings',
  'status',
  'event',
  'metrics',
  'api-credential',
] as const;

export type Resource = (typeof resources)[number];
export type Permission = `${Resource}:${'read' | 'modify'}`;

export const permissions: readonly Permission[] = resources.flatMap((resource): Permission[] => [
  `${resource}:read`,
  `${resource}:modify`,
]);

export const permission = z.enum(permissions);

/** isPermission: one that a newer version has written into a shared database means nothing here. */
export function isPermission(text: string): text is Permission {
  return permissions.some((each) => each === text);
}

/** isAllowed decides whether the held permissions include the one that a route asks for. */
export function isAllowed(held: readonly Permission[], wanted: Permission): boolean {
  const [resource, access] = split(wanted);
  return held.some((each) => {
    const [heldResource, heldAccess] = split(each);
    return (heldResource === 'all' || heldResource === resource) && (heldAccess === 'modify' || access === 'read');
  });
}

function split(each: Permission): readonly [string, string] {
  const colon = each.lastIndexOf(':');
  return [each.slice(0, colon), each.slice(colon + 1)];
}
