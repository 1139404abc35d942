import { expect, it } from 'vitest';
import { z } from 'zod';
import { ANYBODY } from '../../shared/actor.ts';
import { channel, routeChannels } from './channel.ts';
import { topicOf } from './dashboard.ts';

const row = (path: `/${string}`) =>
  channel({
    path,
    summary: '',
    params: z.object({ id: z.string() }).partial(),
    query: z.object({ size: z.string().transform(Number).optional() }),
    sends: {},
    receives: {},
    heartbeatFrame: () => '',
    agentOf: ({ params, query }) => `${params.id ?? 'nobody'} ${query.size ?? 0}`,
    accept: async () => () => () => undefined,
  });

it('finds the channel of a path; a fixed path goes before one with a name in its place', () => {
  const route = routeChannels([row('/ws/agents/{id}'), row('/ws/agents/stream'), row('/ws')]);
  expect(route('/ws/agents/stream')?.channel.path).toBe('/ws/agents/stream');
  expect(route('/ws/agents/7')).toMatchObject({ channel: { path: '/ws/agents/{id}' }, params: { id: '7' } });
  expect(['/ws/agents/7/8', '/ws/agents/', '/wsx', '/'].map((path) => route(path))).toEqual([null, null, null, null]);
});

it('hands over what was checked', () => {
  const entering = row('/x').enter({ params: { id: 'a' }, query: new URLSearchParams('size=2'), headers: {}, actor: ANYBODY });
  expect(entering.agent).toBe('a 2');
});

it.each([
  ['agent_status_changed', {}, 'agents'],
  ['agent_message', null, 'agents'],
  ['task_event', { status: 'assigned' }, 'tasks'],
  ['task_event', { workflow_id: 'w' }, 'workflows'],
  ['delegation_event', {}, 'delegations'],
  ['unheard_of', {}, null],
])('%s %j is about %s', (type, data, topic) => {
  expect(topicOf({ event_type: type, data })).toBe(topic);
});
