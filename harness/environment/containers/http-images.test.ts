import { describe, expect, it } from 'vitest';
import { http } from '../fixtures/target.ts';
import { containerPorts, groupByImage } from './http-images.ts';

const build = { context: '/src', dockerfile: 'Dockerfile', stage: null, args: {} };

describe('groupByImage', () => {
  it('builds the same thing once, under one name', () => {
    const services = [
      http('a', '', { build }),
      http('b', '', { build }),
      http('c', '', { build: { ...build, stage: 'c' } }),
      http('d', '', { image: 'x:1' }),
    ];
    expect(groupByImage(services, 'My Target').map(({ tag, members }) => [tag, members])).toEqual([
      ['muster/build-my-target-a', ['a', 'b']],
      ['muster/build-my-target-c', ['c']],
      ['x:1', ['d']],
    ]);
  });

  it('refuses one tag for two builds', () => {
    const services = [http('a', '', { image: 'x:1', build }), http('b', '', { image: 'x:1', build: { ...build, args: { N: '2' } } })];
    expect(() => groupByImage(services, 't')).toThrow('The services a and b share the image x:1, but do not build it in the same way.');
  });
});

describe('containerPorts', () => {
  const images = new Map([
    ['one', { name: 'one:1', ports: [3000] }],
    ['two', { name: 'two:1', ports: [80, 9090] }],
    ['none', { name: 'none:1', ports: [] }],
  ]);

  it('takes the only port an image exposes, or the one that is named', () => {
    const services = [http('one', ''), http('two', '', { containerPort: 9090 }), http('none', '', { containerPort: 5 })];
    expect([...containerPorts(services, images)]).toEqual([
      ['one', 3000],
      ['two', 9090],
      ['none', 5],
    ]);
  });

  it('names all that are unclear at once', () => {
    expect(() => containerPorts([http('one', ''), http('two', ''), http('none', '')], images)).toThrow(
      expect.objectContaining({
        message:
          'It cannot be told which port these services listen on inside their containers: "two" (two:1 exposes 80, 9090); "none" (none:1 exposes none).',
        exitCode: 64,
        hint: 'Write services.<name>.containerPort in the target file.',
      }),
    );
  });
});
