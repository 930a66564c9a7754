import { ApiError } from '../../api/api-error.ts';

/**
 * eachInTurn does the same to several objects, and stops at the first that is refused: `tell` says with which words. What is gone already needs
 * nothing done to it, so that a second try goes on behind the first.
 */
export async function eachInTurn<Row>(
  rows: readonly Row[],
  act: (row: Row) => Promise<unknown>,
  tell: (stopped: { readonly row: Row; readonly done: number; readonly message: string }) => string,
): Promise<void> {
  for (const [done, row] of rows.entries()) {
    try {
      await act(row);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) continue;
      if (rows.length === 1) throw error;
      const { status, code, details, requestId } = error;
      throw new ApiError(tell({ row, done, message: error.message }), { status, code, details, requestId, cause: error });
    }
  }
}
