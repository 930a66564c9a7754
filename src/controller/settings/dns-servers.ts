import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { invalidInput } from '../../contract/errors.ts';
import { gatewayAddressOf } from '../../core/allocation.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { formatAddress, parseAddress4 } from '../../core/ip/address.ts';
import { hostPrefix } from '../../core/ip/prefix.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { objectionTo } from '../../core/ip/reserved.ts';
import type { RegisterRoutes } from '../deps.ts';
import { changeWpcSettings, readWpcSettings } from './wpc-settings.ts';

const address = z
  .string()
  .max(100)
  .nullish()
  .transform((text) => text ?? '');

/** An empty body stands for "none" (api.md 5), and so do empty fields. */
const body = z.preprocess(
  (sent) => (sent === '' ? undefined : sent),
  z.object({ primaryIpV4: address, secondaryIpV4: address }).nullish(),
);
type DnsServersBody = z.infer<typeof body>;

const path = '/settings/dns/custom-servers';

/** registerDnsServers: the resolvers that devices, and connectors without our agent, are told to use in every mode of internet access. */
export const registerDnsServers: RegisterRoutes = (app, { store }) => {
  const answer = async (reply: FastifyReply): Promise<FastifyReply> => {
    const { dns_servers } = await readWpcSettings(store.database);
    const [primaryIpV4, secondaryIpV4 = ''] = dns_servers;
    return primaryIpV4 === undefined ? reply.send('') : reply.send({ primaryIpV4, secondaryIpV4 });
  };
  app.get(path, { config: { auth: { kind: 'api', permission: 'settings:read' } } }, async (_request, reply) => answer(reply));
  app.put(
    path,
    { config: { auth: { kind: 'api', permission: 'settings:modify' } }, schema: { body } },
    async (request, reply) => {
      await changeWpcSettings(store, request.actor, (_change, before) => ({
        dns_servers: parseServers(request.body, before.tunnel_ranges),
      }));
      return answer(reply);
    },
  );
};

function parseServers(wanted: DnsServersBody, tunnelRanges: readonly PrefixText[]): AddressText[] {
  const { primaryIpV4, secondaryIpV4 } = wanted ?? { primaryIpV4: '', secondaryIpV4: '' };
  if (primaryIpV4 === '') {
    if (secondaryIpV4 === '') return [];
    throw invalidInput(
      'primaryIpV4',
      primaryIpV4,
      'is empty beside a secondary resolver',
      'the address that is to be asked first',
    );
  }
  const primary = parseServer('primaryIpV4', primaryIpV4, tunnelRanges);
  if (secondaryIpV4 === '') return [primary];
  const secondary = parseServer('secondaryIpV4', secondaryIpV4, tunnelRanges);
  if (secondary === primary) throw invalidInput('secondaryIpV4', secondaryIpV4, 'is the primary one', 'another address, or none');
  return [primary, secondary];
}

function parseServer(field: string, text: string, tunnelRanges: readonly PrefixText[]): AddressText {
  const allowed = 'the IPv4 address of a resolver, such as 10.0.0.53 or 9.9.9.9';
  const parsed = parseAddress4(text);
  if (!parsed.ok) throw invalidInput(field, text, `cannot be a resolver (${parsed.reason})`, allowed);
  const objection = objectionTo(hostPrefix(parsed.value), 'network-prefix');
  if (objection !== undefined) throw invalidInput(field, text, `cannot be a resolver (${objection.reason})`, allowed);
  const server = formatAddress(parsed.value);
  if (server === gatewayAddressOf(tunnelRanges)) {
    throw invalidInput(field, text, "is the gateway's own address, where no resolver answers", allowed);
  }
  return server;
}
