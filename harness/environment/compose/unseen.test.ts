import { describe, expect, it } from 'vitest';
import type { Dependency } from './config.ts';
import { unseenServices } from './unseen.ts';

const on = (service: string, condition: Dependency['condition']): Dependency => ({ service, condition, required: true });
const config = (services: Readonly<Record<string, readonly Dependency[]>>) => ({
  services: new Map(Object.entries(services).map(([name, dependsOn]) => [name, { name, dependsOn }])),
});

describe('unseenServices', () => {
  it('names what the target file does not declare', () => {
    const file = config({ gateway: [on('worker', 'service_started')], worker: [], cache: [] });
    expect(unseenServices(file, new Set(['gateway'])).processes).toContain('also starts "worker", "cache"');
    expect(unseenServices(file, new Set(['gateway', 'worker', 'cache']))).toEqual({});
  });

  it('leaves out what is over when the run begins', () => {
    const file = config({ gateway: [on('migrate', 'service_completed_successfully')], migrate: [] });
    expect(unseenServices(file, new Set(['gateway']))).toEqual({});
  });
});
