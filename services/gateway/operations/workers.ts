import { z } from 'zod';
import { isFailureWithin, type Breaker } from '../../shared/breaker.ts';
import type { JsonClient } from '../../shared/call-json.ts';
import { ServiceError } from '../../shared/service-error.ts';

const answerSchema = z.object({
  status: z.enum(['completed', 'failed']),
  result: z.record(z.string(), z.unknown()).nullable(),
  confidence: z.number().min(0).max(1).nullable(),
  error: z.string().nullable(),
  usage: z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }),
});
export type WorkerAnswer = z.infer<typeof answerSchema>;

const refusalSchema = z.object({
  error: z.object({ message: z.string(), details: z.array(z.object({ path: z.string(), message: z.string() })).catch([]) }),
});

export interface WorkerCall {
  readonly worker: string;
  readonly operationId: string;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly deadlineMs: number;
}

export interface Workers {
  /** What the worker made of it, failed or not. @throws ServiceError when it could not be asked. */
  run(call: WorkerCall): Promise<WorkerAnswer>;
}

export interface WorkerEndpoint {
  readonly client: JsonClient;
  readonly breaker: Breaker;
}

/** The network may take a little longer than the worker's own limit. */
const MARGIN_MS = 500;

export function createWorkers(endpoints: ReadonlyMap<string, WorkerEndpoint>): Workers {
  return {
    run: (call) => {
      const endpoint = endpoints.get(call.worker);
      if (endpoint === undefined)
        throw new ServiceError('validation_failed', `no worker "${call.worker}"; known: ${[...endpoints.keys()].join(', ')}`);
      return endpoint.breaker.run(() => ask(endpoint.client, call), isFailureWithin(call.deadlineMs));
    },
  };
}

async function ask(client: JsonClient, call: WorkerCall): Promise<WorkerAnswer> {
  const body = { operation: call.action, operation_id: call.operationId, parameters: call.parameters, deadline_ms: call.deadlineMs };
  const answer = await client.call({ method: 'POST', path: '/operations', body, timeoutMs: call.deadlineMs + MARGIN_MS });
  if (answer.status === 429) throw new ServiceError('rate_limited', refusalOf(answer.body, call));
  if (answer.status >= 400 && answer.status < 500) throw new ServiceError('validation_failed', refusalOf(answer.body, call));
  const parsed = answerSchema.safeParse(answer.body);
  if (answer.status === 504) throw new ServiceError('timeout', `worker ${call.worker} ran out of time`);
  if (answer.status !== 200 || !parsed.success) {
    throw new ServiceError('dependency_unavailable', `worker ${call.worker} answered ${answer.status}: ${refusalOf(answer.body, call)}`);
  }
  return parsed.data;
}

function refusalOf(body: unknown, call: WorkerCall): string {
  const parsed = refusalSchema.safeParse(body);
  if (!parsed.success) return `${call.worker}/${call.action} answered with a body of another shape`;
  const { message, details } = parsed.data.error;
  return [message, ...details.map(({ path, message: problem }) => `${path}: ${problem}`)].join('; ');
}
