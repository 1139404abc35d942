import { describe, expect, it } from 'vitest';
import { Deadlines } from './deadlines.ts';
import { VirtualClock } from './virtual-clock.ts';

interface Item {
  readonly name: string;
  over: boolean;
}

function setUp() {
  const clock = new VirtualClock();
  const expired: string[] = [];
  const deadlines = new Deadlines<Item>(
    clock,
    (item) => item.over,
    (item) => {
      item.over = true;
      expired.push(`${item.name}@${clock.nowMs()}`);
    },
  );
  const add = (name: string, atMs: number) => {
    const item = { name, over: false };
    deadlines.add(item, atMs);
    return item;
  };
  return { clock, expired, deadlines, add };
}

describe('Deadlines', () => {
  it('expires each at its time, and none that was settled', async () => {
    const { clock, expired, add } = setUp();
    add('a', 10);
    const b = add('b', 20);
    add('c', 30);
    await clock.advanceTo(10);
    b.over = true;
    await clock.advanceTo(100);
    expect(expired).toEqual(['a@10', 'c@30']);
  });

  it('is armed again for what is added after it ran empty', async () => {
    const { clock, expired, add } = setUp();
    add('a', 10);
    await clock.advanceTo(50);
    add('b', 60);
    await clock.advanceTo(100);
    expect(expired).toEqual(['a@10', 'b@60']);
  });

  it('keeps the order when expiring one adds another', async () => {
    const clock = new VirtualClock();
    const expired: string[] = [];
    const deadlines = new Deadlines<string>(
      clock,
      () => false,
      (name) => {
        expired.push(`${name}@${clock.nowMs()}`);
        if (name === 'a') deadlines.add('added', clock.nowMs() + 10);
      },
    );
    deadlines.add('a', 10);
    deadlines.add('b', 12);
    await clock.advanceTo(100);
    expect(expired).toEqual(['a@10', 'b@12', 'added@20']);
  });

  it('expires nothing after it was closed', async () => {
    const { clock, expired, deadlines, add } = setUp();
    add('a', 10);
    deadlines.close();
    add('b', 20);
    await clock.advanceTo(100);
    expect(expired).toEqual([]);
  });
});
