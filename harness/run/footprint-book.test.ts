import { describe, expect, it } from 'vitest';
import { FootprintBook } from './footprint-book.ts';
import { FootprintLink } from './footprint-link.ts';

const ROWS = { what: 'rows of lists.things.fill', made: 10, removed: 0, inWorkspace: true };

describe('the footprint of a run', () => {
  it('adds up what was made, and takes no more away than that', () => {
    const book = new FootprintBook('a run');
    book.add({ things: [{ what: 'databases', made: 1, removed: 0, inWorkspace: false }] });
    book.add({ things: [{ what: 'databases', made: 1, removed: 1, inWorkspace: false }] });
    book.add({ things: [{ what: 'schemas', made: 1, removed: 2, inWorkspace: false }] });
    expect(book.record().things).toEqual([
      { what: 'databases', made: 2, removed: 1, inWorkspace: false },
      { what: 'schemas', made: 1, removed: 1, inWorkspace: false },
    ]);
  });

  it('lets the rows in workspaces go with the last of these, not before', () => {
    const book = new FootprintBook('a run');
    book.add({ workspaces: ['one', 'two', 'one'], things: [ROWS] });
    book.workspacesRemoved(1);
    expect(book.record().things.map(({ removed }) => removed)).toEqual([1, 0]);
    book.workspacesRemoved(2);
    expect(book.record().things.map(({ removed }) => removed)).toEqual([2, 10]);
  });

  it('does not take a request for one in a workspace that was sent without one, too', () => {
    const book = new FootprintBook('a run');
    book.add({ requests: [{ request: 'POST /things', accepted: 3, inWorkspace: false }] });
    book.add({ requests: [{ request: 'POST /things', accepted: 4, inWorkspace: true }] });
    expect(book.record().requests).toEqual([{ request: 'POST /things', accepted: 7, inWorkspace: false }]);
  });

  it('hears of a workspace before anything is sent with it, and of requests when it is told to', async () => {
    const book = new FootprintBook('a run');
    const link = new FootprintLink('a run', { made: (made) => Promise.resolve(book.add(made)) });
    const id = link.workspace();
    expect(book.workspaces).toEqual([id]);
    expect(id.startsWith(book.record().workspacePrefix)).toBe(true);

    link.accepted({ request: 'POST /things', inWorkspace: true });
    link.accepted({ request: 'POST /things', inWorkspace: true });
    expect(book.record().requests).toEqual([]);
    await link.flush();
    await link.flush();
    expect(book.record().requests).toEqual([{ request: 'POST /things', accepted: 2, inWorkspace: true }]);
  });
});
