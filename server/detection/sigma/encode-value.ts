import { Buffer } from 'node:buffer';

/**
 * Sigma's encoding modifiers. Bytes travel as text of one character a byte (latin1), so that an
 * encoding may follow another: `utf16le|base64offset|contains` is the usual chain.
 */
export const encodings = ['base64', 'base64offset', 'utf16le', 'wide', 'utf16be', 'utf16'] as const;
export type Encoding = (typeof encodings)[number];

/** What a chain has made so far: text as written, or bytes one to a character. */
export interface EncodedValue {
  readonly text: string;
  readonly isBytes: boolean;
}

/** Every text that `value` may become under one encoding: three for base64offset, else one. */
export function encodeValue(value: EncodedValue, encoding: Encoding): EncodedValue[] {
  switch (encoding) {
    case 'base64':
      return [{ text: bytesOf(value).toString('base64'), isBytes: false }];
    case 'base64offset':
      return [0, 1, 2].map((offset) => ({
        text: base64At(bytesOf(value), offset),
        isBytes: false,
      }));
    case 'utf16le':
    case 'wide':
      return [bytes(Buffer.from(value.text, 'utf16le'))];
    case 'utf16be':
      return [bytes(Buffer.from(value.text, 'utf16le').swap16())];
    case 'utf16':
      return [bytes(Buffer.from(`\ufeff${value.text}`, 'utf16le'))];
  }
}

function bytes(buffer: Buffer): EncodedValue {
  return { text: buffer.toString('latin1'), isBytes: true };
}

function bytesOf(value: EncodedValue): Buffer {
  return Buffer.from(value.text, value.isBytes ? 'latin1' : 'utf8');
}

/**
 * The part of base64 that stays the same when `data` begins `offset` bytes into a group of three:
 * characters that also carry bits of the unknown neighbours are cut off at both ends.
 */
function base64At(data: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), data]).toString('base64');
  const start = [0, 2, 3][offset] ?? 0;
  const rest = (offset + data.length) % 3;
  const cut = rest === 0 ? 0 : rest === 1 ? 3 : 2;
  return text.slice(start, text.length - cut);
}
