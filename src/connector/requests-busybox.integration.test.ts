import { requestTests } from './testing/request-tests.ts';

requestTests('busybox');
