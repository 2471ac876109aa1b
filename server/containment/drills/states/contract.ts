/** What a drill times, in the order in which it happens. */
export const drillMeasures = [
  'detect',
  'decide',
  'stop',
  'revoke',
  'provider',
  'confirm',
  'recover',
] as const;
export type DrillMeasure = (typeof drillMeasures)[number];
