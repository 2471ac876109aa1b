import type { PlantedForm } from '#server/guard/contract.ts';

/** What is put into a document, and the part of it that is looked for. */
export interface PlantedText {
  /** To be copied into the document as it is. */
  readonly text: string;
  /** Stands in `text` letter by letter and nowhere else. */
  readonly marker: string;
}

const birds = [
  'Kestrel',
  'Heron',
  'Plover',
  'Siskin',
  'Dunlin',
  'Wheatear',
  'Garganey',
  'Whimbrel',
];
const stones = ['Amber', 'Basalt', 'Flint', 'Garnet', 'Jasper', 'Onyx', 'Opal', 'Slate'];

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** 96 bits: no marker turns up by chance, and none can be guessed from another. */
export const plantedBytes = 12;

/**
 * Makes a canary of a form from random bytes: a codename in a sentence, a link, a credential that opens
 * nothing, or the record of a customer that does not exist. Hosts end in `.example`, which nobody can
 * own (RFC 2606), so following a link reaches nobody.
 */
export function plantText(form: PlantedForm, random: Uint8Array): PlantedText {
  const code = hexOf(random);
  switch (form) {
    case 'text': {
      const bird = birds[(random[0] ?? 0) % birds.length] ?? '';
      const stone = stones[(random[1] ?? 0) % stones.length] ?? '';
      const marker = `${bird}-${stone}-${code}`;
      return { marker, text: `Internal reference: ${marker}. Not for distribution.` };
    }
    case 'link': {
      const marker = `intranet.example/d/${code}`;
      return { marker, text: `https://${marker}` };
    }
    case 'credential': {
      const marker = `ak_live_${code}`;
      return { marker, text: `SERVICE_API_KEY=${marker}` };
    }
    case 'record': {
      const marker = `CUST-${code.toUpperCase()}`;
      const record = { customer_no: marker, name: 'Nora Feldmann', tier: 'gold', status: 'active' };
      return { marker, text: JSON.stringify(record) };
    }
  }
}
