/** What a canary can be planted as; `plant-text.ts` makes each. */
export const plantedForms = ['text', 'link', 'credential', 'record'] as const;
export type PlantedForm = (typeof plantedForms)[number];
