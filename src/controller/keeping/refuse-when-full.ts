import type { FastifyInstance } from 'fastify';
import { CausewayError } from '../../contract/errors.ts';
import type { MachineWatch } from './machine-watch.ts';

/**
 * refuseWhenFull answers 503 to changes that need a permission to modify while the disk is full, before PostgreSQL has to stop for want of room (decision
 * 109). What gives room is let through: deleting, and settings. So is what keeps tunnels and people going: gateways, agents, signing in.
 */
export function refuseWhenFull(app: FastifyInstance, machine: Pick<MachineWatch, 'isFull' | 'machine'>): void {
  app.addHook('preHandler', async (request) => {
    if (!machine.isFull || request.is404 || request.method === 'DELETE') return;
    const { auth } = request.routeOptions.config;
    if (auth.kind !== 'api' || !auth.permission.endsWith(':modify') || auth.permission === 'settings:modify') return;
    throw new CausewayError(
      'unavailable',
      `The disk of ${machine.machine} is full, so nothing is changed. Make room (causeway status says where); reading, deleting and settings work.`,
    );
  });
}
