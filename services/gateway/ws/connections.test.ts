import { expect, it } from 'vitest';
import { fakePeer } from '../../testing/fake-peer.ts';
import { createConnections, type Connections, type Place } from './connections.ts';

const LIMITS = { connections: 3, connectionsPerAgent: 2, connectionsPerMinutePerAddress: 2 };

function take(connections: Connections, agent: string | null): Place | number {
  const place = connections.reserve({ channel: '/ws', agent, keyId: null, workspaceId: null });
  return 'code' in place ? place.code : place;
}

function taken(connections: Connections, agent: string | null): Place {
  const place = take(connections, agent);
  if (typeof place === 'number') throw new Error(`refused with ${place}`);
  return place;
}

it('counts places from the decision on, per agent and in all', () => {
  const connections = createConnections(LIMITS);
  const first = taken(connections, 'a');
  taken(connections, 'a');
  expect(take(connections, 'a')).toBe(1008);
  taken(connections, null);
  expect(take(connections, null)).toBe(1013);
  expect(connections.stats(null)).toEqual({ connections: 3, by_agent: { a: 2 } });
  first.release();
  expect(connections.stats(null)).toEqual({ connections: 2, by_agent: { a: 1 } });
});

it('forgets a connection when it closes', () => {
  const connections = createConnections(LIMITS);
  const { peer } = fakePeer();
  taken(connections, 'a').bind(peer);
  expect(connections.sessions(null)).toMatchObject([{ agent: 'a', channel: '/ws' }]);
  peer.close(1000, '');
  expect(connections.sessions(null)).toEqual([]);
});

it('closes everybody, those on their way in, and whoever comes after', () => {
  const connections = createConnections(LIMITS);
  const open = fakePeer();
  const onTheWay = fakePeer();
  taken(connections, null).bind(open.peer);
  const place = taken(connections, null);
  connections.closeAll();
  place.bind(onTheWay.peer);
  expect([...open.closed, ...onTheWay.closed, take(connections, null)]).toEqual([1001, 1001, 1001]);
  expect(connections.stats(null).connections).toBe(0);
});

it('limits attempts per address', () => {
  const connections = createConnections(LIMITS);
  expect(['x', 'x', 'x', 'y'].map((address) => connections.attempt(address)?.code)).toEqual([undefined, undefined, 1008, undefined]);
});

it('shows a workspace its own, and counts agents of the same name apart', () => {
  const connections = createConnections(LIMITS);
  const [one, other] = ['3f0c0d1e-0000-4000-8000-000000000001', '3f0c0d1e-0000-4000-8000-000000000002'];
  const session = { channel: '/ws/mcp', agent: 'a', keyId: null };
  connections.reserve({ ...session, workspaceId: one });
  connections.reserve({ ...session, workspaceId: one });
  expect(connections.reserve({ ...session, workspaceId: one })).toMatchObject({ code: 1008 });
  expect(connections.reserve({ ...session, workspaceId: other })).not.toHaveProperty('code');
  expect(connections.stats(other)).toEqual({ connections: 1, by_agent: { a: 1 } });
  expect(connections.sessions(one)).toHaveLength(2);
});
