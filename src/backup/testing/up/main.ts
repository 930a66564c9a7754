/** `causeway up` without the portal, whose building takes longer than all that the tests of backups do. */
import path from 'node:path';
import { productPrograms } from '../../../supervisor/process-plans.ts';
import { runUp } from '../../../supervisor/run-up.ts';

const programs = { ...productPrograms, portal: path.join('src', 'supervisor', 'stand-ins', 'portal', 'main.ts') };

process.exit(await runUp({ program: import.meta.filename, args: process.argv.slice(2), programs }));
