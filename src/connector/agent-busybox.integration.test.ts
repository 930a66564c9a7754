import { agentTests } from './testing/agent-tests.ts';

agentTests('busybox');
