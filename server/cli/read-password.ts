import { text } from 'node:stream/consumers';

/** Longer input is no password that anybody typed. */
const inputCharsMax = 4096;

/**
 * A password from standard input: the first line of a pipe, or typed unseen in a terminal.
 * @throws Error when there is none.
 */
export async function readPassword(say: (line: string) => void): Promise<string> {
  const { stdin } = process;
  const typed = stdin.isTTY ? await typeUnseen(say) : await text(stdin);
  const password = typed.slice(0, inputCharsMax).split(/\r?\n/, 1)[0] ?? '';
  if (password === '') throw new Error('give the password on standard input');
  return password;
}

/** Reads one line of a terminal without showing it. */
function typeUnseen(say: (line: string) => void): Promise<string> {
  const { stdin } = process;
  say('Password (not shown), then Enter:');
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (error: Error | null) => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', take);
      if (error) reject(error);
      else resolve(typed);
    };
    const take = (chunk: string) => {
      for (const key of chunk) {
        if (key === '\r' || key === '\n' || key === '\u0004') return finish(null);
        if (key === '\u0003') return finish(new Error('interrupted'));
        if (key === '\u007f' || key === '\b') typed = typed.slice(0, -1);
        else typed += key;
      }
    };
    stdin.on('data', take);
    stdin.resume();
  });
}
