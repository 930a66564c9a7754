/** `causeway up` with stand-ins for controller and gateway agent: what the supervisor does is the same, and they start at once. */
import path from 'node:path';
import { runUp } from '../../run-up.ts';
import { productPrograms } from '../../process-plans.ts';

const standIn = (name: string) => path.join('src', 'supervisor', 'stand-ins', name, 'main.ts');
const programs = {
  ...productPrograms,
  controller: standIn('controller'),
  gateway: standIn('gateway'),
  portal: standIn('portal'),
};

process.exit(await runUp({ program: import.meta.filename, args: process.argv.slice(2), programs }));
