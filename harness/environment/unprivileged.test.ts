import { describe, expect, it } from 'vitest';
import { parseNobody } from './unprivileged.ts';

describe('parseNobody', () => {
  it.each([
    ['Linux', 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n', { uid: 65_534, gid: 65_534 }],
    ['macOS', 'nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n', { uid: 4_294_967_294, gid: 4_294_967_294 }],
    ['a system without one', 'root:x:0:0::/root:/bin/sh\n', null],
  ])('%s', (_, passwd, expected) => {
    expect(parseNobody(passwd)).toEqual(expected);
  });
});
