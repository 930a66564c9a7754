import { parse } from 'yaml';
import { z } from 'zod';

const list = z.array(z.string());

/** Strict: what this does not know of compose would not be tested. */
const composeFile = z.strictObject({
  services: z.strictObject({
    server: z.strictObject({
      image: z.string(),
      network_mode: z.literal('host'),
      restart: z.string(),
      stop_grace_period: z.string().regex(/^\d+s$/),
      environment: z.record(z.string(), z.string()),
      volumes: list,
      devices: list,
      cap_drop: list,
      cap_add: list,
      security_opt: list,
      read_only: z.literal(true),
      tmpfs: list,
    }),
  }),
  volumes: z.strictObject({ causeway: z.null() }),
});

/** Differing from the file: what is the machine's own. */
type Own = { readonly hostname: string; readonly device: string };

/** composeArguments gives what `docker compose` makes of the file's service, as options of `run` with its image at the end. */
export function composeArguments(text: string, { hostname, device }: Own): readonly string[] {
  const { server } = composeFile.parse(parse(text)).services;
  const each = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value]);
  const environment = { ...server.environment, CAUSEWAY_HOSTNAME: hostname };
  return [
    '--network',
    server.network_mode,
    '--restart',
    server.restart,
    '--stop-timeout',
    server.stop_grace_period.slice(0, -1),
    ...each(
      '--env',
      Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ),
    ...each('--volume', server.volumes),
    ...each(
      '--device',
      server.devices.map((inside) => `${device}:${inside}`),
    ),
    ...each('--cap-drop', server.cap_drop),
    ...each('--cap-add', server.cap_add),
    ...each('--security-opt', server.security_opt),
    '--read-only',
    ...each('--tmpfs', server.tmpfs),
    server.image,
  ];
}
