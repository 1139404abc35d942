import { list, listenAddress, requiredText, SettingError, type Env, type Listen } from '../shared/env.ts';
import { ROLES } from './roles/index.ts';

export interface WorkerConfig {
  readonly listen: Listen;
  readonly role: string;
  readonly meterUrl: string;
  readonly defects: readonly string[];
}

/** @throws SettingError for what is missing or unknown. */
export function readWorkerConfig(env: Env): WorkerConfig {
  const role = env['ROLE'] ?? '';
  if (!Object.hasOwn(ROLES, role)) throw new SettingError(`ROLE is "${role}"; expected one of ${Object.keys(ROLES).join(', ')}`);
  return { listen: listenAddress(env), role, meterUrl: requiredText(env, 'METER_URL'), defects: list(env, 'MUSTER_DEFECTS') };
}
