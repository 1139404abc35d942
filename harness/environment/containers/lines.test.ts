import { expect, it } from 'vitest';
import { Lines } from './lines.ts';

it('gives whole lines only, and whole characters', () => {
  const lines = new Lines();
  const bytes = Buffer.from('one\r\ntwö\n\nthr');
  const cut = bytes.indexOf(0xc3) + 1;
  expect(lines.take(bytes.subarray(0, cut))).toEqual(['one']);
  expect(lines.take(bytes.subarray(cut))).toEqual(['twö']);
  expect(lines.take(Buffer.from('ee\n'))).toEqual(['three']);
});
