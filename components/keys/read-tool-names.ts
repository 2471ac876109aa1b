/** Tool names out of a text box: separated by commas or line breaks, each once, in order. Pure. */
export function readToolNames(text: string): string[] {
  const names = text
    .split(/[,\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return [...new Set(names)];
}
