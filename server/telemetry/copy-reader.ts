/** What a copy in binary form begins with, before a flag field and the length of an extension. */
const signature = Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1');

/** Microseconds from 1970 to 2000, where Postgres begins to count. */
const epochUs = 946_684_800_000_000;
const daysToEpoch = 10_957;

/**
 * Reads rows of `copy (…) to stdout (format binary)`, column after column in the order of the query
 * (PostgreSQL manual, COPY, "Binary Format"). Each method takes the next column and answers null for
 * SQL's null, so the caller's calls are the row's type. Reading the tail as text through the driver
 * cost twice as much in Node and a fifth more in Postgres: most of it went into making text of
 * numbers, ids and times and back.
 */
export class CopyReader {
  readonly #data: Buffer;
  #at: number;

  /** @throws Error when the bytes are no such copy */
  constructor(data: Buffer) {
    if (!data.subarray(0, signature.length).equals(signature)) {
      throw new Error('the database answered no binary copy');
    }
    this.#data = data;
    this.#at = signature.length + 8 + data.readInt32BE(signature.length + 4);
  }

  /** Goes to the next row; false at the end. @throws Error for a row of another width */
  nextRow(columns: number): boolean {
    const count = this.#data.readInt16BE(this.#at);
    this.#at += 2;
    if (count === -1) return false;
    if (count !== columns) throw new Error(`a row of ${count} columns instead of ${columns}`);
    return true;
  }

  /** Moves behind the next column; answers where its value begins, -1 for null. */
  #take(): number {
    const length = this.#data.readInt32BE(this.#at);
    const start = this.#at + 4;
    this.#at = length < 0 ? start : start + length;
    return length < 0 ? -1 : start;
  }

  text(): string | null {
    const start = this.#take();
    return start < 0 ? null : this.#data.toString('utf8', start, this.#at);
  }

  bool(): boolean | null {
    const start = this.#take();
    return start < 0 ? null : this.#data[start] === 1;
  }

  smallint(): number | null {
    const start = this.#take();
    return start < 0 ? null : this.#data.readInt16BE(start);
  }

  integer(): number | null {
    const start = this.#take();
    return start < 0 ? null : this.#data.readInt32BE(start);
  }

  /** A `bigint` or `xid8` within a double's exact integers. @throws RangeError beyond them */
  bigint(): number | null {
    const start = this.#take();
    if (start < 0) return null;
    const value = this.#data.readInt32BE(start) * 2 ** 32 + this.#data.readUInt32BE(start + 4);
    if (!Number.isSafeInteger(value)) throw new RangeError('a number beyond 2^53');
    return value;
  }

  /** A `uuid` as 32 hexadecimal digits. */
  uuid(): string | null {
    const start = this.#take();
    return start < 0 ? null : this.#data.toString('hex', start, this.#at);
  }

  /** A `timestamptz` as microseconds since 1970. */
  instantUs(): number | null {
    const value = this.bigint();
    return value === null ? null : value + epochUs;
  }

  /** A `date` as days since 1970. */
  day(): number | null {
    const value = this.integer();
    return value === null ? null : value + daysToEpoch;
  }
}
