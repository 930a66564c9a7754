import { z } from 'zod';
import { formatAddress, parseAddress4 } from '../../core/ip/address.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { ParseResult } from '../../core/ip/parse-result.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { formatPrefix, parsePrefix } from '../../core/ip/prefix.ts';
import { defineRoute } from './route.ts';
import { platformId } from './site-routes.ts';

/** What an operator says of a LAN (core/trace/statement.ts). Absent and null mean: nobody has said, never "no". */

/** canonical reads text into its canonical spelling; the refusal is core's, which names the value and what is allowed. */
function canonical<Text extends string>(longest: number, parse: (text: string) => ParseResult<Text>) {
  return z
    .string()
    .max(longest)
    .transform((text, context): Text => {
      const parsed = parse(text);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: 'custom', message: `cannot be used: ${parsed.reason}`, input: text });
      return z.NEVER;
    });
}

const address = canonical<AddressText>(100, (text) => {
  const parsed = parseAddress4(text);
  return parsed.ok ? { ok: true, value: formatAddress(parsed.value) } : parsed;
});

const prefix = canonical<PrefixText>(100, (text) => {
  const parsed = parsePrefix(text);
  if (!parsed.ok) return parsed;
  if (parsed.value.family === 4) return { ok: true, value: formatPrefix(parsed.value) };
  return { ok: false, reason: `${formatPrefix(parsed.value)} is IPv6, which this version does not carry` };
});

const said = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? null);

const serverRequest = z.object({
  address,
  gateway: said(address),
  admits: said(z.array(prefix).max(1_000)),
  runsTailscale: said(z.boolean()),
});

export const lanStatementRequest = z.object({
  router: said(
    z.object({
      platform: said(platformId),
      routes: said(z.array(z.object({ destination: prefix, nextHop: address })).max(1_000)),
      stateful: said(z.boolean()),
      redirects: said(z.boolean()),
      natSources: said(z.array(prefix).max(1_000)),
    }),
  ),
  servers: z
    .array(serverRequest)
    .max(1_000)
    .nullish()
    .transform((servers) => servers ?? [])
    .superRefine((servers, context) => {
      const seen = new Set<AddressText>();
      for (const [index, server] of servers.entries()) {
        if (seen.has(server.address)) {
          const message = 'is described twice; allowed: one description of each server';
          context.addIssue({ code: 'custom', path: [index, 'address'], message, input: server.address });
        }
        seen.add(server.address);
      }
    }),
});

/** What is kept, and answered: lists are whole, and null where nobody has said. */
export const lanStatement = z.object({
  router: z
    .object({
      platform: platformId.nullable(),
      routes: z
        .array(z.object({ destination: z.string(), nextHop: z.string() }))
        .readonly()
        .nullable(),
      stateful: z.boolean().nullable(),
      redirects: z.boolean().nullable(),
      natSources: z.array(z.string()).readonly().nullable(),
    })
    .nullable(),
  servers: z
    .array(
      z.object({
        address: z.string(),
        gateway: z.string().nullable(),
        admits: z.array(z.string()).readonly().nullable(),
        runsTailscale: z.boolean().nullable(),
      }),
    )
    .readonly(),
});

export const lanStatementRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/networks/:id/lan',
    summary: 'Read what was said of the LAN of a network: its router and servers',
    answer: lanStatement,
  }),
  write: defineRoute({
    method: 'PUT',
    path: '/api/causeway/v1/networks/:id/lan',
    summary:
      'Say what is known of the LAN of a network, so that traces need not take it for granted; replaces what was said before',
    body: lanStatementRequest,
    answer: lanStatement,
  }),
};
