import { describe, expect, it } from 'vitest';
import { serverLog } from './server-log.ts';

const signal = new AbortController().signal;

/** A log in which what is written is seen after so many looks; never, when null. */
function logOf(seenAfter: number | null): {
  readonly logTail: () => Promise<readonly string[]>;
  readonly write: (text: string) => Promise<void>;
} {
  const [lines, late] = [['deadlock detected'], [] as string[]];
  let looks = 0;
  return {
    async logTail() {
      looks += 1;
      return seenAfter !== null && looks > seenAfter ? [...lines, ...late] : lines;
    },
    async write(text) {
      late.push(`LOG:  ${text}`);
    },
  };
}

describe("the server's log", () => {
  it.each([0, 2])('is read when what is written now has come through, after %i looks', async (seenAfter) => {
    const { logTail, write } = logOf(seenAfter);
    const lines = await serverLog({ logTail, signal, cannot: () => null }, 'postgres', write);
    expect(lines).toEqual(['deadlock detected', expect.stringMatching(/^LOG: {2}muster [\da-f-]+$/u)]);
  });

  it('says nothing when it goes elsewhere', async () => {
    const { logTail, write } = logOf(null);
    const soon = AbortSignal.abort();
    expect(await serverLog({ logTail, signal: soon, cannot: () => null }, 'postgres', write)).toBeNull();
  });

  it('is not asked for where logs cannot be read', async () => {
    const { logTail } = logOf(0);
    const write = () => Promise.reject(new Error('nothing is to be written'));
    expect(await serverLog({ logTail, signal, cannot: () => 'No logs.' }, 'postgres', write)).toBeNull();
  });
});
