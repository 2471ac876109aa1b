import type { CanaryForm, PlantedForm } from '#server/guard/states/contract.ts';

export const plantedWords: Readonly<Record<PlantedForm, string>> = {
  text: 'A codename in a sentence',
  link: 'A link that leads nowhere',
  credential: 'A key that opens nothing',
  record: 'A customer that does not exist',
};

export const disguiseWords: Readonly<Record<CanaryForm, string>> = {
  plain: 'as it was planted',
  folded: 'in other letters',
  unspaced: 'spaced otherwise',
  base64: 'in base64',
  hex: 'in hexadecimal',
  url_encoded: 'encoded for a URL',
  escaped: 'in escapes of a programming language',
  hidden: 'in characters without a glyph',
  reversed: 'backwards',
};
