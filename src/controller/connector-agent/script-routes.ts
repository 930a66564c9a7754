import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { assembleAgent, assembleInstaller } from '../../contract/connector-scripts.ts';
import type { ScriptConstants } from '../../contract/connector-scripts.ts';
import type { ControllerDeps, RegisterRoutes } from '../deps.ts';
import { portalUrl } from '../portal-url.ts';

const directory = path.join(import.meta.dirname, '..', '..', 'connector');

type Texts = { readonly installer: string; readonly parts: readonly string[] };

/** registerConnectorScripts serves the installer and the agent: no secret is in them, and the machine that fetches them has none yet. */
export const registerConnectorScripts: RegisterRoutes = async (app, deps) => {
  const texts = await readTexts();
  const options = { config: { auth: { kind: 'public' } }, schema: { hide: true } } as const;
  app.get('/connector/install.sh', options, async (_request, reply) => {
    const text = assembleInstaller(await scriptConstants(deps), texts.installer);
    return reply.type('text/plain; charset=utf-8').send(text);
  });
  app.get('/connector/agent.sh', options, async (_request, reply) => {
    const text = assembleAgent(await scriptConstants(deps), texts.parts);
    return reply.type('text/plain; charset=utf-8').send(text);
  });
};

async function readTexts(): Promise<Texts> {
  const names = (await readdir(path.join(directory, 'agent'))).filter((name) => name.endsWith('.sh')).toSorted();
  const [installer, ...parts] = await Promise.all(
    ['install.sh', ...names.map((name) => path.join('agent', name))].map(async (name) =>
      readFile(path.join(directory, name), 'utf8'),
    ),
  );
  if (installer === undefined || parts.length === 0) throw new Error(`the connector's scripts are missing in ${directory}`);
  return { installer, parts };
}

async function scriptConstants(deps: ControllerDeps): Promise<ScriptConstants> {
  const { version, portalPin } = deps.installation;
  return {
    url: portalUrl(deps.installation),
    // Without a pin the portal's certificate is one that every machine trusts by its own list.
    ca: portalPin === undefined ? '' : await deps.signer.authority(),
    version,
  };
}
