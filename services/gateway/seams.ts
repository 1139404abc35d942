import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Log } from '../shared/log.ts';
import type { Audit } from './audit/audit.ts';
import type { TransitionTable } from './agents/status.ts';
import type { Messages } from './agents/messages.ts';
import type { GatewayConfig } from './config.ts';
import type { Migrator } from './database/migrator.ts';
import type { Executor } from './patterns/executor.ts';
import type { Model } from './patterns/model.ts';
import type { ReplyRouter } from './ws/mcp.ts';

export interface SeamContext {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly log: Log;
  /** To be called after a commit that wrote an event. */
  readonly committed: () => void;
}

/** Places in the composition where a part can be wrapped or replaced: by a test, or by a planted defect. */
export interface Seams {
  pool(part: Pool, config: GatewayConfig): Pool;
  redis(part: Redis): Redis;
  audit(part: Audit): Audit;
  migrator(part: Migrator, context: SeamContext): Migrator;
  transitions(part: TransitionTable): TransitionTable;
  messages(part: Messages, context: SeamContext): Messages;
  model(part: Model, context: SeamContext): Model;
  executor(part: Executor): Executor;
  replies(part: ReplyRouter): ReplyRouter;
}

/** Every part as it is. */
export const AS_IS: Seams = {
  pool: (part) => part,
  redis: (part) => part,
  audit: (part) => part,
  migrator: (part) => part,
  transitions: (part) => part,
  messages: (part) => part,
  model: (part) => part,
  executor: (part) => part,
  replies: (part) => part,
};
