import { StringDecoder } from 'node:string_decoder';

/** Cuts a stream of bytes into lines; a character split between two chunks stays whole. */
export class Lines {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that `chunk` completes. */
  take(chunk: Buffer): readonly string[] {
    const parts = (this.#rest + this.#decoder.write(chunk)).split(/\r?\n/);
    this.#rest = parts.pop() ?? '';
    return parts.filter((line) => line !== '');
  }
}
