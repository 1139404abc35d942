import { describe, expect, it } from 'vitest';
import { cacheDir } from './cache-dir.ts';

describe('cacheDir', () => {
  it.each([
    ['MUSTER_CACHE wins, for root too', { MUSTER_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, 0, '/c'],
    ['root uses a directory that an unprivileged user can enter', { XDG_CACHE_HOME: '/x', HOME: '/h' }, 0, '/var/cache/muster'],
    ['a user uses XDG_CACHE_HOME', { XDG_CACHE_HOME: '/x', HOME: '/h' }, 1000, '/x/muster'],
    ['a user without it uses ~/.cache', { HOME: '/h' }, 1000, '/h/.cache/muster'],
    ['an empty variable counts as unset', { MUSTER_CACHE: '', XDG_CACHE_HOME: '', HOME: '/h' }, 1000, '/h/.cache/muster'],
    ['a platform without uids follows the rule for users', { HOME: '/h' }, undefined, '/h/.cache/muster'],
  ])('%s', (_, env, uid, expected) => {
    expect(cacheDir(env, uid)).toBe(expected);
  });
});
