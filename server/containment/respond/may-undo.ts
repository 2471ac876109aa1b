import type { ResponseState } from '#db/enums.ts';

/** In which a response is over, and something of its own may stand. */
export const undoableStates: ResponseState[] = ['done', 'failed'];

/** Whether there is something of a response's own to undo. Pure. */
export const mayUndo = (row: { readonly state: ResponseState; readonly isOwn: boolean }): boolean =>
  row.isOwn && undoableStates.includes(row.state);
