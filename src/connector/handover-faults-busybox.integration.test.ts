import { handoverTests } from './testing/handover-tests.ts';

handoverTests('busybox', 'faults');
