import { defineRoute } from './route.ts';

export const metricsRoutes = {
  /** Prometheus' text format 0.0.4; docs/metrics.md names what is in it. */
  read: defineRoute({ method: 'GET', path: '/metrics', summary: 'Metrics for Prometheus', answer: 'text' }),
};
