/** What changes may do, made by hand, for the tests of their text and of the command. */
import type { z } from 'zod';
import type { changeEffect } from '../contract/api/what-if.ts';

type Effect = z.output<typeof changeEffect>;
export type Pair = Effect['breaks'][number];

const staff: Pair = {
  userGroupId: '00000003-0000-4000-8000-000000000001',
  userGroupName: 'Staff',
  destination: { kind: 'network', id: '00000001-0000-4000-8000-000000000001', label: 'HQ Network (10.0.0.0/18)' },
  address: '10.0.0.1',
  protocol: 'tcp',
  port: 443,
  before: 'works',
  after: 'broken',
};
const guests: Pair = { ...staff, userGroupId: '00000003-0000-4000-8000-000000000002', userGroupName: 'Guests' };
const internet = { destination: { kind: 'server', id: '198.51.100.1', label: 'the internet' }, address: '198.51.100.1' };

const quiet: Effect = {
  revision: 7,
  checked: 6,
  breaks: [],
  opens: [],
  others: [],
  summary: 'this change breaks 0 flows and opens 0',
};

export const effects = {
  breaks: {
    ...quiet,
    breaks: [staff, { ...guests, after: 'not-permitted' }],
    opens: [{ ...staff, ...internet, before: null, after: 'works' }],
    others: [{ ...guests, ...internet, before: 'unknown', after: 'not-permitted' }],
    summary: 'this change breaks 2 flows and opens 1',
  },
  opens: {
    ...quiet,
    checked: 24,
    opens: Array.from({ length: 22 }, (_, index) => ({
      ...staff,
      userGroupName: `Group ${String(index)}`,
      before: null,
      after: 'works' as const,
    })),
    summary: 'this change breaks 0 flows and opens 22',
  },
  quiet,
  unchecked: { ...quiet, checked: 0 },
} as const satisfies Record<string, Effect>;
