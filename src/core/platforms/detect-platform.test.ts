import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { detectPlatform } from './detect-platform.ts';
import { checkParameters } from './router-commands.ts';

const ec2 = [
  'dmi.sys_vendor=Amazon EC2',
  'aws.placement/region=eu-central-1',
  'aws.0a:11:22:33:44:55/interface-id=eni-0aaaaaaaaaaaaaaaa',
  'aws.0a:11:22:33:44:55/local-ipv4s=10.9.0.1 ',
  'aws.0a:11:22:33:44:66/interface-id=eni-0bbbbbbbbbbbbbbbb',
  'aws.0a:11:22:33:44:66/local-ipv4s=10.0.0.10 10.0.0.99 ',
].join('\n');

describe('detectPlatform', () => {
  it('finds the interface that has the LAN address', () => {
    assert.deepEqual(detectPlatform(ec2, '10.0.0.10'), {
      platform: 'aws',
      parameters: { networkInterface: 'eni-0bbbbbbbbbbbbbbbb', region: 'eu-central-1' },
    });
    assert.deepEqual(detectPlatform(ec2, null)?.parameters, { region: 'eu-central-1' });
  });

  it('knows each cloud by its firmware, and no cloud elsewhere', () => {
    const google =
      'dmi.product_name=Google Compute Engine\ngoogle.name=hq\ngoogle.network-interfaces/0/network=projects/1/networks/vpc1';
    assert.deepEqual(detectPlatform(google, null), { platform: 'gcp', parameters: { vpcNetwork: 'vpc1', instance: 'hq' } });
    const azure = 'dmi.chassis_asset_tag=7783-7084-3265-9085-8269-3286-77\nazure.resourceGroupName=rg 1';
    assert.deepEqual(detectPlatform(azure, null), { platform: 'azure', parameters: {} });
    assert.equal(detectPlatform('dmi.chassis_asset_tag=OracleCloud.com', null)?.platform, 'oci');
    assert.equal(detectPlatform('dmi.sys_vendor=QEMU\ncontainer=yes', null), undefined);
  });

  it('takes only what may stand in a text, whatever the machine says', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...ec2.split('\n')), fc.string())), (lines) => {
        const section = ['dmi.sys_vendor=Amazon EC2', ...lines.map(([line, junk]) => `${line}${junk}`)].join('\n');
        const found = detectPlatform(section, '10.0.0.10');
        assert.ok(found !== undefined && checkParameters(found.platform, found.parameters).ok);
      }),
    );
  });
});
