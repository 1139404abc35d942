import { describe, expect, it } from 'vitest';
import { sanitiseLine } from './sanitise.ts';

describe('sanitiseLine', () => {
  it.each([
    ['colours', '\u001B[31mred\u001B[0m', 'red'],
    ['terminal titles', '\u001B]0;owned\u0007text', 'text'],
    ['control characters, tabs excepted', 'a\u0000b\rc\td\u009B', 'abc\td'],
    ['bidi and invisible marks', 'pay\u202Eeht\u2066x\u200B\uFEFF', 'payehtx'],
    ['given secrets', 'connected with s3cr3t!', 'connected with [redacted]'],
    ['passwords in urls', 'postgres://app:hunter2@127.0.0.1/db', 'postgres://app:[redacted]@127.0.0.1/db'],
    [
      'passwords after a sign',
      'PGPASSWORD=hunter2 password: "two words", api_key=abc',
      'PGPASSWORD=[redacted] password: [redacted], api_key=[redacted]',
    ],
    ['passwords in JSON', '{"password":"hunter2","n":1}', '{"password":[redacted],"n":1}'],
    ['bearer tokens', 'Bearer abcdef123456', 'Bearer [redacted]'],
  ])('takes out %s', (_, line, clean) => {
    expect(sanitiseLine(line, ['s3cr3t!', ''])).toBe(clean);
  });

  it('leaves ordinary lines as they are', () => {
    const line = '2026-11-21 ERROR: relation "tokens" does not exist at 10.5 % (näher: größer)';
    expect(sanitiseLine(line, [])).toBe(line);
  });

  it('cuts endless lines', () => {
    expect(sanitiseLine('x'.repeat(5_000), [])).toBe(`${'x'.repeat(1_000)}…`);
  });
});
