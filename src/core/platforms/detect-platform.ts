import type { PlatformId } from './catalogue.ts';
import { platformOf } from './catalogue.ts';
import type { ParameterValues } from './router-commands.ts';

/** DetectedPlatform is what a connector's machine says of where it runs. Parameters that it names match their patterns. */
export type DetectedPlatform = { readonly platform: PlatformId; readonly parameters: ParameterValues };

/** How firmware calls the machines of a cloud: key of the section, part of its value. */
const firmware: readonly (readonly [key: string, part: string, platform: PlatformId])[] = [
  ['dmi.sys_vendor', 'Amazon EC2', 'aws'],
  ['dmi.chassis_asset_tag', '7783-7084-3265-9085-8269-3286-77', 'azure'],
  ['dmi.product_name', 'Google Compute Engine', 'gcp'],
  ['dmi.chassis_asset_tag', 'OracleCloud.com', 'oci'],
  ['dmi.sys_vendor', 'DigitalOcean', 'digitalocean'],
  ['dmi.sys_vendor', 'Hetzner', 'hetzner'],
  ['dmi.sys_vendor', 'Alibaba Cloud', 'alibaba'],
];

/**
 * detectPlatform reads the section `platform` that an agent reported (agent/platform.sh): lines KEY=VALUE. Undefined on a machine of no
 * cloud that we know: what routes its LAN cannot be seen from there. The text comes from the connector's machine, so only values that
 * match a parameter's pattern are taken. `address` is the connector's LAN address, which says which of several interfaces it is.
 */
export function detectPlatform(section: string, address: string | null): DetectedPlatform | undefined {
  const facts = new Map(
    section.split('\n').flatMap((line): [string, string][] => {
      const equals = line.indexOf('=');
      return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1).trim()]];
    }),
  );
  const found = firmware.find(([key, part]) => facts.get(key)?.includes(part) === true);
  if (found === undefined) return undefined;
  const [, , platform] = found;
  const candidates: Readonly<Record<string, string | undefined>> = {
    ...(platform === 'aws' ? { networkInterface: interfaceWith(facts, address), region: facts.get('aws.placement/region') } : {}),
    ...(platform === 'azure' ? { resourceGroup: facts.get('azure.resourceGroupName') } : {}),
    ...(platform === 'gcp'
      ? { vpcNetwork: facts.get('google.network-interfaces/0/network')?.split('/').at(-1), instance: facts.get('google.name') }
      : {}),
  };
  const parameters = platformOf(platform).parameters.flatMap(({ name, pattern }): [string, string][] => {
    const value = candidates[name];
    return value !== undefined && pattern.test(value) ? [[name, value]] : [];
  });
  return { platform, parameters: Object.fromEntries(parameters) };
}

/** The keys are `aws.MAC/local-ipv4s` and `aws.MAC/interface-id`. */
function interfaceWith(facts: ReadonlyMap<string, string>, address: string | null): string | undefined {
  if (address === null) return undefined;
  for (const [key, value] of facts) {
    if (!key.startsWith('aws.') || !key.endsWith('/local-ipv4s') || !value.split(' ').includes(address)) continue;
    return facts.get(key.replace(/local-ipv4s$/, 'interface-id'))?.trim();
  }
  return undefined;
}
