import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lines of one style of a file under `texts/`. */
export interface AuthoredStyle {
  readonly style: string;
  readonly lines: readonly string[];
}

const folder = join(import.meta.dirname, 'texts');

/** Styles of a file of our own texts: `# comment`, `== style`, and one text a line, `\n` written out. */
export function readStyles(name: string): AuthoredStyle[] {
  const styles: { style: string; lines: string[] }[] = [];
  for (const line of readFileSync(join(folder, `${name}.txt`), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('# Att') || line.startsWith('# Inn')) continue;
    if (line.startsWith('== ')) styles.push({ style: line.slice(3), lines: [] });
    else styles.at(-1)?.lines.push(line.replaceAll('\\n', '\n'));
  }
  return styles;
}

const slots = new Map(readStyles('slots').map(({ style, lines }) => [style, lines]));

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Fills `{slots}` from `slots.txt`, nested ones too; `{Deed}` begins with a capital. */
export function fillSlots(text: string, random: () => number, depth = 0): string {
  return text.replace(/\{([A-Za-z]+)\}/g, (whole, name: string) => {
    const values = slots.get(name.toLowerCase());
    if (values === undefined || depth > 4) return whole;
    const value = fillSlots(values[Math.floor(random() * values.length)] ?? '', random, depth + 1);
    return name === name.toLowerCase() ? value : capital(value);
  });
}
