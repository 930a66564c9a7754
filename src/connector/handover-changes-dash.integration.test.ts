import { handoverTests } from './testing/handover-tests.ts';

handoverTests('dash', 'changes');
