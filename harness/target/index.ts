export { type Answer, jsonOf, outcomeOfStatus } from './answer.ts';
export { createTargetClient, type MeterReading, type TargetClient, type TargetClientOptions } from './client.ts';
export type { TypedExecution, Work } from './economy.ts';
export type { EventStream, NextEvent, PushEvent } from './events.ts';
export { contains, type Execution, outcomeOfExecution } from './execute.ts';
export { extract, holdsIn, numberIn, textIn } from './extract.ts';
export type { Frame, NextFrame, NextOptions } from './frames.ts';
export { type RequestOptions, requestOf, urlOf } from './http-client.ts';
export {
  createLoadHttp,
  headerBlock,
  type AnswerHandler,
  type HeaderBlock,
  type LoadAnswer,
  type LoadHttp,
  type LoadHttpOptions,
  type LoadHttpStats,
  type LoadRequest,
} from './http1/index.ts';
export type { McpCallOptions, McpReply, McpSession } from './mcp.ts';
export { MissingBinding } from './missing-binding.ts';
export { ownSocketLimit } from './own-limit.ts';
export { readStages, type StageReading } from './stages.ts';
export type { Created, OperationEnd, OperationState, RunToEndOptions } from './operation.ts';
export { createPostgresWitness, type PostgresWitness, type StoredValues } from './postgres-witness.ts';
export { createRedisStreamReader, type RedisStreamReader, type StoreReading } from './redis-stream.ts';
export type { CreatedKey, Move, ObjectState, RegisterValues } from './register.ts';
export type { CloseInfo, Opened } from './socket.ts';
