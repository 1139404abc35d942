import { expect, it } from 'vitest';
import { overall, type ComponentHealth } from './health.ts';

const part = (status: ComponentHealth['status']): ComponentHealth => ({ status, latency_ms: 1, checked_at: '' });
const well = { postgres: part('healthy'), redis: part('healthy'), workers: part('healthy'), meter: part('healthy') };

it('is healthy only when every part is', () => expect(overall(well)).toBe('healthy'));
it('is unhealthy without Postgres', () => expect(overall({ ...well, postgres: part('unhealthy') })).toBe('unhealthy'));
it.each(['redis', 'workers', 'meter'] as const)('is degraded without %s', (name) => {
  expect(overall({ ...well, [name]: part('unhealthy') })).toBe('degraded');
});
it('is degraded when one worker of several is away', () => expect(overall({ ...well, workers: part('degraded') })).toBe('degraded'));
