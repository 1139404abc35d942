import { describe, expect, test } from 'vitest';
import { replaceAddressSecrets } from './address-secrets.ts';

function hidden(text: string): string {
  return replaceAddressSecrets(text, () => '…');
}

describe('the secrets of addresses in a text', () => {
  test.each([
    ['postgres://u:pw@h/db', 'postgres://u:…@h/db'],
    ['postgres://u:p@ss@h/db', 'postgres://u:…@h/db'],
    ['redis://:pa/ss?#x@h:6379', 'redis://:…@h:6379'],
    ["redis://:p'x@h", 'redis://:…@h'],
    ['postgres://h/db?user=u&password=hunter22#x', 'postgres://h/db?user=u&password=…#x'],
    ['redis://h?pass%77ord=hunter22', 'redis://h?pass%77ord=…'],
    ['https://sk_live_x@api/', 'https://…@api/'],
    ['https://sk_live_x:@api/', 'https://…:@api/'],
    ['GET /shop?id=1&api_key=abc failed', 'GET /shop?id=1&api_key=… failed'],
    ['{"a":"redis://:x@h","b":"redis://:y@h"}', '{"a":"redis://:…@h","b":"redis://:…@h"}'],
    ['redis://:x@h,redis://:y@h', 'redis://:…@h,redis://:…@h'],
  ])('%s', (text, expected) => {
    expect(hidden(text)).toBe(expected);
  });

  test.each([
    'postgres://app@db/app',
    'http://127.0.0.1:80/x@y',
    'https://github.com:443/@scope/name?tokens=5&key=1',
    '{"url":"http://h:80","mail":"a@b"}',
    'mongodb://h1:1,h2:2/db (see http://h:80)',
    'no address: a@b, x=y',
  ])('there is none in %s', (text) => {
    expect(hidden(text)).toBe(text);
  });
});
