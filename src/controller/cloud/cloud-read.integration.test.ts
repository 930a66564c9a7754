import { CreateNetworkInterfaceCommand, CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cloudStateRoutes } from '../../contract/api/cloud-state.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { siteRouteRoutes } from '../../contract/api/site-routes.ts';
import { call, refusal, urlOf } from '../routes/test-api.ts';
import { lanSections, tracedWpc } from '../trace/test-trace.ts';
import type { TracedWpc } from '../trace/test-trace.ts';
import { awsReader } from './aws-reader.ts';
import type { Moto } from './test-moto.ts';
import { startMoto } from './test-moto.ts';

const region = 'eu-central-1';

describe('the cloud of a network, asked by the controller', () => {
  let moto: Moto;
  let traced: TracedWpc;
  before(async () => {
    moto = await startMoto();
    // moto asks for no credentials and the SDK does.
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    const aws = awsReader({ endpoint: moto.endpoint, now: () => new Date().toISOString() });
    traced = await tracedWpc({ cloudReaders: { aws } });
  });
  after(async () => {
    await traced[Symbol.asyncDispose]();
    moto.stop();
  });

  it('says what it needs to know first', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    const unknown = await refusal(controller, cloudStateRoutes.ask, { id });
    assert.deepEqual([unknown.status, unknown.code, unknown.field], [400, 'not-supported', 'cloud']);
    assert.match(unknown.message, /is not known: name the cloud as the router of this network; allowed: aws/);
    await call(controller, siteRouteRoutes.nameRouter, { id, body: { platform: 'azure' } });
    assert.match((await refusal(controller, cloudStateRoutes.ask, { id })).message, /"azure" cannot be asked by the controller/);
    await call(controller, siteRouteRoutes.nameRouter, { id, body: { platform: 'aws', parameters: { region } } });
    const silent = await refusal(controller, cloudStateRoutes.ask, { id });
    assert.deepEqual([silent.status, silent.field], [409, 'connector']);
    await traced.observe(lanSections);
    const nobody = await refusal(controller, cloudStateRoutes.ask, { id });
    assert.equal(nobody.status, 409);
    assert.match(nobody.message, /No network interface with the address 10\.0\.0\.10 was found in AWS\. Name it/);
  });

  it('keeps what is set up there, by the name of the network card too', async () => {
    const { controller, wpc } = traced;
    const id = wpc.network;
    const ec2 = new EC2Client({ endpoint: moto.endpoint, region });
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.0.0.0/24' }));
    const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: Subnet?.SubnetId, PrivateIpAddress: '10.0.0.10' }));
    ec2.destroy();
    const { known, warnings } = await call(controller, cloudStateRoutes.ask, { id });
    assert.deepEqual(
      [known?.cloud, known?.how, known?.id, known?.ranges, warnings],
      ['aws', 'api', Vpc?.VpcId, ['10.0.0.0/16'], []],
    );
    const networkInterface = made.NetworkInterface?.NetworkInterfaceId ?? '';
    const parameters = { region, networkInterface };
    await call(controller, siteRouteRoutes.nameRouter, { id, body: { platform: 'aws', parameters } });
    assert.equal((await call(controller, cloudStateRoutes.ask, { id })).known?.cards, 1);
    const audit = await controller.database.store.database
      .selectFrom('audit')
      .select('after')
      .where('action', '=', 'cloud-kept')
      .execute();
    assert.match(JSON.stringify(audit.at(-1)?.after), /"how":"api"/);
    assert.doesNotMatch(controller.logged(), /AWS_SECRET|Signature=/);
  });

  it('takes network:modify, and a network that is there', async () => {
    const { controller, wpc } = traced;
    const token = await controller.tokenWith(['network:read']);
    const headers = { authorization: `Bearer ${token}` };
    const answer = await controller.app.inject({
      method: 'POST',
      url: urlOf(cloudStateRoutes.ask, { id: wpc.network }),
      headers,
    });
    assert.equal(answer.statusCode, 403);
    const { id } = await call(controller, networkRoutes.create, { body: { name: 'gone' } });
    await call(controller, networkRoutes.remove, { id });
    assert.equal((await refusal(controller, cloudStateRoutes.ask, { id })).status, 404);
  });
});
