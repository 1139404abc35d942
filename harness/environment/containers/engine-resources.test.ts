import { describe, expect, it } from 'vitest';
import { imageRefsOf, isOfRun } from './engine-resources.ts';
import { CACHE_LABEL, COMPOSE_PROJECT_LABEL, RUN_LABEL } from './labels.ts';

const RUN = '20261121-a1B2';

describe('isOfRun', () => {
  it.each([
    [{ [RUN_LABEL]: RUN }, true],
    [{ [COMPOSE_PROJECT_LABEL]: 'muster-20261121-a1b2' }, true],
    [{ [RUN_LABEL]: RUN, [COMPOSE_PROJECT_LABEL]: 'somebody-elses' }, true],
    [{ [RUN_LABEL]: `${RUN}0` }, false],
    [{ [RUN_LABEL]: RUN.slice(0, -1) }, false],
    [{ [RUN_LABEL]: '' }, false],
    // Another run's id may give the same project: its own label decides.
    [{ [RUN_LABEL]: RUN.toLowerCase(), [COMPOSE_PROJECT_LABEL]: 'muster-20261121-a1b2' }, false],
    [{ [COMPOSE_PROJECT_LABEL]: 'muster-20261121-a1b2-2' }, false],
    [{ [CACHE_LABEL]: RUN }, false],
    [{}, false],
    [null, false],
    [undefined, false],
  ])('%j: %s', (labels, expected) => {
    expect(isOfRun(labels, RUN)).toBe(expected);
  });
});

describe('imageRefsOf', () => {
  const image = (RepoTags: readonly string[] | null, Labels = {}) => ({
    Id: 'sha256:1',
    RepoTags,
    Labels: { [RUN_LABEL]: RUN, ...Labels },
  });

  it('takes the tags that carry the run, and no others', () => {
    const tags = [`agent:${RUN}`, 'muster-20261121-a1b2-agent:latest', 'agent:dev'];
    expect(imageRefsOf(image(tags), RUN)).toEqual(tags.slice(0, 2));
    expect(imageRefsOf(image(tags, { [CACHE_LABEL]: 'abc' }), RUN)).toEqual(tags.slice(0, 2));
    expect(imageRefsOf(image(['agent:dev']), RUN)).toEqual([]);
  });

  it('takes an image without tags unless it is kept as a cache', () => {
    for (const none of [null, [], ['<none>:<none>']]) {
      expect(imageRefsOf(image(none), RUN)).toEqual(['sha256:1']);
      expect(imageRefsOf(image(none, { [CACHE_LABEL]: 'abc' }), RUN)).toEqual([]);
    }
  });
});
