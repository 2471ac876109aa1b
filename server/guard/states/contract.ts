/** What a canary can be planted as; `plant-text.ts` makes each. */
export { plantedForms, type PlantedForm } from '#db/enums.ts';

/** How a canary can be disguised when it is seen; `plain` is letter by letter. */
export const canaryForms = [
  'plain',
  'folded',
  'unspaced',
  'base64',
  'hex',
  'url_encoded',
  'escaped',
  'hidden',
  'reversed',
] as const;
export type CanaryForm = (typeof canaryForms)[number];
