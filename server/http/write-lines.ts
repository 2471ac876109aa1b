import { stringify } from 'csv-stringify';
import { pipeline, Readable } from 'node:stream';
import type { ExportFormat } from './states/contract.ts';

/** One line of a list by its columns; nested values become JSON in a cell. */
export type Line = Readonly<Record<string, unknown>>;

export const exportContentTypes = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
} as const satisfies Record<ExportFormat, string>;

/**
 * What a spreadsheet would take for a formula: after blanks and invisible characters, one of its
 * first characters, full-width ones too (OWASP, CSV injection).
 */
const formulaLike = /^[\s\p{Cc}\p{Cf}]*[=+\-@|%＝＋－＠｜％]/u;
/** A tab or line break at the start makes some spreadsheets look for a formula behind it. */
const breakFirst = /^[\t\r\n]/;

/** What a terminal acts on when the file is shown there: all control characters but tab and line breaks. */
const terminalControl = /[^\P{Cc}\t\r\n]/gu;

const asCodePoint = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * A text that no spreadsheet calculates and no terminal obeys: an apostrophe before it says that it is
 * text, and control characters are told as `\u001b`.
 */
export function plainCell(text: string): string {
  const plain = text.replace(terminalControl, asCodePoint);
  return formulaLike.test(text) || breakFirst.test(text) ? `'${plain}` : plain;
}

/**
 * Lines as a file in the making: CSV (RFC 4180, every cell quoted, a byte order mark for
 * spreadsheets) or JSON Lines. Lines are asked for only as fast as the reader takes them.
 * @param columns of CSV, in this order; JSON Lines tell every member of a line
 */
export function writeLines(
  lines: AsyncIterable<Line>,
  format: ExportFormat,
  columns: readonly string[],
): Readable {
  if (format === 'jsonl') return Readable.from(jsonLines(lines), { objectMode: false });
  const csv = stringify({
    bom: true,
    header: true,
    columns: [...columns],
    quoted: true,
    record_delimiter: 'windows',
    cast: {
      boolean: String,
      string: plainCell,
      object: (value) => plainCell(JSON.stringify(value)),
    },
  });
  // An error of the lines destroys the file; whoever sends it sees that.
  pipeline(Readable.from(lines), csv, () => undefined);
  return csv;
}

/** JSON escapes the control characters of ASCII by itself; the others read back as they were. */
async function* jsonLines(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  for await (const line of lines) {
    yield `${JSON.stringify(line).replace(terminalControl, asCodePoint)}\n`;
  }
}
