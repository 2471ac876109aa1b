import { AppError } from './errors.ts';

/**
 * What `work` comes to, or a refusal once it has taken too long. The work itself goes on, since nobody
 * can call back what a silent database may have taken: the caller is told to send the same again, which
 * every door is made for.
 * @throws AppError `store_unavailable`
 */
export async function answerInTime<T>(work: Promise<T>, answerMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new AppError(
          'store_unavailable',
          'The database does not answer in time; send the same request again later.',
        ),
      );
    }, answerMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
