/** The tabs of a network's page, in their order; the first one is open where the address names none. */
export const networkTabs = ['connectors', 'subnets', 'lan', 'internet', 'activity'] as const;
