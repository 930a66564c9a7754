/**
 * SQLSTATE classes and socket errors after which the same work may succeed when it is tried again: the server is starting, stopping or
 * was killed, or PostgreSQL chose this transaction as the one to give way.
 */
const retryableStates: Readonly<Record<string, string>> = {
  '08000': 'connection_exception',
  '08001': 'sqlclient_unable_to_establish_sqlconnection',
  '08003': 'connection_does_not_exist',
  '08006': 'connection_failure',
  '40001': 'serialization_failure',
  '40P01': 'deadlock_detected',
  '53300': 'too_many_connections',
  '55P03': 'lock_not_available',
  '57P01': 'admin_shutdown',
  '57P02': 'crash_shutdown',
  '57P03': 'cannot_connect_now',
};
const retryableSocketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** The driver gives these two no code. */
const retryableMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** isDatabaseUnavailable is true for an error that says nothing about the request, only that the database could not be asked now. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code !== undefined && code in retryableStates) return true;
  if ('syscall' in error && error.syscall === 'connect' && code !== undefined && retryableSocketErrors.has(code)) return true;
  if (code !== undefined && (code === 'ECONNRESET' || code === 'EPIPE') && 'syscall' in error) return true;
  return retryableMessages.test(error.message);
}
