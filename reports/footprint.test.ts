import { describe, expect, it } from 'vitest';
import type { Footprint } from '../harness/model/footprint.ts';
import { leftOf, leftText, traces } from './footprint.ts';

const POST = { request: 'POST /things', accepted: 7, inWorkspace: true };
const EXECUTE = { request: 'execute (benchmark.steady)', accepted: 2_550, inWorkspace: false };
const footprint = (removed: number, requests: Footprint['requests'] = [POST]): Footprint => ({
  mark: 'a1b2c3d4e5f6',
  workspacePrefix: 'a1b2c3d4-e5f6',
  things: [
    { what: 'workspaces', made: 3, removed, inWorkspace: false },
    { what: 'databases', made: 1, removed: 1, inWorkspace: false },
  ],
  requests,
  notes: [],
});

describe('what is left at a target', () => {
  it('is nothing when every workspace went, and all that was made is in one', () => {
    expect(leftText(footprint(3))).toBe('nothing that is known');
  });

  it('is what is in the workspaces as long as one of them is there', () => {
    expect(leftText(footprint(2))).toBe(
      '1 workspace and what is in them, what 7 accepted requests made outside of workspaces that were removed',
    );
    expect(leftOf(footprint(2)).things).toEqual([{ what: 'workspaces', made: 3, removed: 2, left: 1, inWorkspace: false }]);
  });

  it('is what names no workspace in any case', () => {
    expect(leftText(footprint(3, [POST, EXECUTE]))).toBe('what 2,550 accepted requests made outside of workspaces that were removed');
  });

  it('can be found by hand', () => {
    expect(traces(footprint(0))).toBe(
      'ids of workspaces begin with a1b2c3d4-e5f6, names of databases and schemas are muster_…_a1b2c3d4e5f6_…',
    );
  });
});
