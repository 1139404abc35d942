import { repeat, type Repeater } from '../../shared/repeat.ts';
import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { auditEndpoints } from './endpoints.ts';
import { createTrails } from './trails.ts';

export interface AuditFeature extends Feature {
  /** After the migrations: from now on what is too old is removed. */
  prepare(): Promise<void>;
}

const EXPIRE_EVERY_MS = 2_000;

/** What was done and what was refused, for as long as it has to be kept. */
export function auditFeature({ config, pool, log, reporter }: Core): AuditFeature {
  const trails = createTrails(pool);
  let expiring: Repeater | null = null;
  const expire = async (): Promise<void> => {
    const removed = await trails.expire(config.auditRetentionDays);
    if (removed > 0) log.info('trails_expired', { removed });
  };
  return {
    endpoints: auditEndpoints(trails),
    prepare: () => {
      expiring ??= repeat(expire, EXPIRE_EVERY_MS, reporter('expiry_failed'));
      return Promise.resolve();
    },
    stop: async () => expiring?.stop(),
  };
}
