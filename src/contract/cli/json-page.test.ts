import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { authority } from '../api/authority.ts';
import { drained } from '../api/connector-state.ts';
import { housekeeping } from '../api/housekeeping.ts';
import { oneTimeLink } from '../api/password-link.ts';
import { apiCredential } from './api-credential.ts';
import { backupStatus } from './backup-status.ts';
import { cloudAnswer, cloudCommandsAnswer, cloudForgotten } from './cloud.ts';
import { conformanceResult } from './lab-conformance.ts';
import { labResult } from './lab-result.ts';
import { loginList } from './login.ts';
import { deletedThing, profileFile } from './noun.ts';
import { serviceStatus } from './service-status.ts';
import { staticRoutesAnswer } from './static-routes.ts';
import { status } from './status.ts';
import { doctorAnswer, traceAnswer } from './trace.ts';
import { upgradeCheck } from './upgrade.ts';
import { whatIfAnswer } from './what-if.ts';

/** An example of docs/json.md is marked by its name behind `json`. */
async function example(name: string): Promise<unknown> {
  const page = await readFile(path.join(import.meta.dirname, '..', '..', '..', 'docs', 'json.md'), 'utf8');
  const text = new RegExp(`^\`\`\`json ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1];
  assert.ok(text !== undefined, `docs/json.md has no example ${name}`);
  return JSON.parse(text) as unknown;
}

// A field that only the page or only the schema knows makes these differ.
for (const [name, schema] of Object.entries({
  status,
  housekeeping,
  ca: authority,
  'api-credential': apiCredential,
  'backup-status': backupStatus,
  'setup-link': oneTimeLink,
  drain: drained,
  login: loginList,
  deleted: deletedThing,
  'profile-file': profileFile,
  lab: labResult,
  'lab-conformance': conformanceResult,
  'service-status': serviceStatus,
  'static-routes': staticRoutesAnswer,
  cloud: cloudAnswer,
  'cloud-commands': cloudCommandsAnswer,
  'cloud-forget': cloudForgotten,
  trace: traceAnswer,
  doctor: doctorAnswer,
  'what-if': whatIfAnswer,
  upgrade: upgradeCheck,
})) {
  test(`the example ${name} of docs/json.md is what the schema says, field by field`, async () => {
    const shown = await example(name);
    assert.deepEqual(schema.parse(shown), shown);
  });
}
