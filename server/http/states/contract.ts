/** Lists whose filtered lines can be taken away, and how they are written. */
export const exportLists = ['alerts', 'audit', 'traces'] as const;
export type ExportList = (typeof exportLists)[number];

export const exportFormats = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];
