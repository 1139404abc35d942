import { randomUUID } from 'node:crypto';
import type { ResponseClass } from '../model/budgets.ts';
import type { Sample } from '../model/economy.ts';
import { requireAllowedHosts } from '../model/hosts.ts';
import type { EventsBinding } from '../model/bindings/operation.ts';
import type { Bindings, Expression, HttpTemplate, Target } from '../model/target.ts';
import type { Variables } from '../model/template.ts';
import { tlsByService } from '../model/tls.ts';
import type { Answer } from './answer.ts';
import { type EventStream, openEventStream } from './events.ts';
import { type Work, workOf } from './economy.ts';
import { type Execution, readExecution } from './execute.ts';
import { holdsIn, numberIn, scalarText } from './extract.ts';
import { createHttpClient, type FilledRequest, type RequestOptions, urlOf } from './http-client.ts';
import { type McpSession, openMcpSession } from './mcp.ts';
import { MissingBinding } from './missing-binding.ts';
import {
  type Created,
  createOperation,
  type OperationEnd,
  type OperationState,
  pollOperation,
  type RunToEndOptions,
  runOperationToEnd,
  type Send,
} from './operation.ts';
import {
  createKey,
  createObject,
  type CreatedKey,
  type Move,
  moveObject,
  type ObjectState,
  readObject,
  readRegister,
  type RegisterValues,
} from './register.ts';
import type { Opened } from './socket.ts';
import { type Accepted, tellingAccepted } from './tell-accepted.ts';

export interface TargetClientOptions {
  readonly target: Target;
  /** Base URL by service name: `http://127.0.0.1:8000`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Hosts besides loopback to which requests may be sent; see `requireAllowedHosts`. */
  readonly allowedHosts?: readonly string[];
  /** Limit of one request or one handshake. */
  readonly timeoutMs: number;
  readonly userAgent?: string;
  /** Of calls that give none; a new id unless one is given. */
  readonly workspace?: string;
  /** Told of each request that may have made something and was accepted. */
  readonly onAccepted?: (accepted: Accepted) => void;
}

/**
 * The target's abstract actions. Nothing rejects for what the target does; every call of an action that is not
 * bound rejects with MissingBinding. Variables that a call does not give: `op` is a new id, `workspace` and `agent`
 * are one id per client, `cache` is true.
 */
export interface TargetClient extends AsyncDisposable {
  has(name: keyof Bindings): boolean;
  /** @throws MissingBinding */
  requireBinding<K extends keyof Bindings>(name: K): NonNullable<Bindings[K]>;
  /** @throws MusterError MUSTER_UNKNOWN_SERVICE */
  url(service: string): string;
  request(template: HttpTemplate, variables?: Variables, options?: RequestOptions): Promise<Answer>;
  /** A request that no binding spells out, sent as it is. */
  send(service: string, request: FilledRequest, options?: RequestOptions): Promise<Answer>;
  execute(variables: Variables, options?: RequestOptions): Promise<Execution>;
  /** Work of one kind; null: `execute` as it is. @throws MissingBinding without `execute`. */
  work(sample: Sample | null): Work;
  readonly operation: {
    create(variables: Variables, options?: RequestOptions): Promise<Created>;
    poll(variables: Variables, options?: RequestOptions): Promise<OperationState>;
    runToEnd(variables: Variables, options: RunToEndOptions): Promise<OperationEnd>;
  };
  readonly register: {
    createKey(variables?: Variables, options?: RequestOptions): Promise<CreatedKey>;
    append(variables: Variables, options?: RequestOptions): Promise<Answer>;
    read(variables: Variables, options?: RequestOptions): Promise<RegisterValues>;
  };
  readonly transitions: {
    create(variables: Variables, options?: RequestOptions): Promise<Created>;
    read(variables: Variables, options?: RequestOptions): Promise<ObjectState>;
    move(variables: Variables, options?: RequestOptions): Promise<Move>;
  };
  readonly meter: {
    /** @param id the execution's id, variable `id` of the binding. */
    read(id: string, options?: RequestOptions): Promise<MeterReading>;
  };
  readonly health: {
    read(variables?: Variables, options?: RequestOptions): Promise<{ readonly healthy: boolean; readonly answer: Answer }>;
  };
  readonly stream: { add(variables: Variables, options?: RequestOptions): Promise<Answer> };
  readonly classes: {
    /** Asks for a response of that class. @throws MissingBinding when the class is not bound. */
    ask(name: ResponseClass, variables?: Variables, options?: RequestOptions): Promise<{ readonly ok: boolean; readonly answer: Answer }>;
  };
  /** @param binding the binding `events` unless another is given (`operation.events`). */
  openEvents(variables: Variables, binding?: EventsBinding): Promise<Opened<EventStream>>;
  openMcp(variables?: Variables): Promise<Opened<McpSession>>;
}

/** What the meter counted for one execution; null: not bound, or not in the answer. */
export interface MeterReading {
  readonly tokens: number | null;
  /** Sent to the model, and answered by it. */
  readonly prompt: number | null;
  readonly completion: number | null;
  readonly answer: Answer;
}

type Act<K extends keyof Bindings, R> = (
  binding: NonNullable<Bindings[K]>,
  send: Send,
  variables: Variables,
  options?: RequestOptions,
) => Promise<R>;

/** What the parts of a client share. */
interface Core {
  readonly requireBinding: <K extends keyof Bindings>(name: K) => NonNullable<Bindings[K]>;
  readonly fill: (variables?: Variables) => Variables;
  readonly send: Send;
  /** Looks the binding up within the promise, so that a missing one is a rejection and never a synchronous throw. */
  readonly bound: <K extends keyof Bindings, R>(name: K, act: Act<K, R>) => (variables?: Variables, options?: RequestOptions) => Promise<R>;
}

/** A client for one target. Dispose it: it holds connections. @throws MusterError MUSTER_HOST_NOT_ALLOWED */
export function createTargetClient({
  target,
  urls,
  timeoutMs,
  userAgent = 'muster',
  allowedHosts = [],
  workspace = randomUUID(),
  onAccepted = () => {},
}: TargetClientOptions): TargetClient {
  requireAllowedHosts(Object.values(urls), allowedHosts);
  const tls = tlsByService(target.services);
  const http = tellingAccepted(createHttpClient({ urls, timeoutMs, userAgent, tls }), onAccepted);
  const core = coreOf(target.bindings, workspace, (template, variables, options) => http.request(template, variables, options));
  const url = (service: string): string => urlOf(service, urls);
  return {
    has: (name) => target.bindings[name] !== undefined,
    requireBinding: core.requireBinding,
    url,
    request: async (template, variables, options) => core.send(template, core.fill(variables), options),
    send: (service, request, options) => http.send(service, request, options),
    ...actionsOf(core),
    work: (sample) => workOf(target.bindings, sample, (variables) => [core.send, core.fill(variables)]),
    ...readingsOf(core),
    openEvents: async (variables, binding = core.requireBinding('events')) =>
      openEventStream(binding, core.fill(variables), { url, tls, timeoutMs }),
    openMcp: async (variables) => openMcpSession(core.requireBinding('mcp'), core.fill(variables), { url, tls, timeoutMs }),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

function coreOf(bindings: Bindings, workspace: string, send: Send): Core {
  const own = { workspace, agent: `muster-${randomUUID().slice(0, 8)}`, cache: true };
  const fill = (variables: Variables = {}): Variables => ({ ...own, op: randomUUID(), ...variables });
  const requireBinding = <K extends keyof Bindings>(name: K): NonNullable<Bindings[K]> => {
    const binding = bindings[name];
    if (binding === undefined) throw new MissingBinding(name);
    return binding;
  };
  const bound: Core['bound'] = (name, act) => async (variables, options) => act(requireBinding(name), send, fill(variables), options);
  return { requireBinding, fill, send, bound };
}

function actionsOf({
  bound,
  requireBinding,
  send,
  fill,
}: Core): Pick<TargetClient, 'execute' | 'operation' | 'register' | 'transitions' | 'stream'> {
  return {
    execute: bound('execute', async (binding, by, variables, options) =>
      readExecution(binding, await by(binding.http, variables, options), scalarText(variables['text'])),
    ),
    operation: {
      create: bound('operation', createOperation),
      poll: bound('operation', pollOperation),
      runToEnd: async (variables, options) => runOperationToEnd(requireBinding('operation'), send, fill(variables), options),
    },
    register: {
      createKey: bound('register', createKey),
      append: bound('register', (binding, by, variables, options) => by(binding.append, variables, options)),
      read: bound('register', readRegister),
    },
    transitions: {
      create: bound('transitions', createObject),
      read: bound('transitions', readObject),
      move: bound('transitions', moveObject),
    },
    stream: { add: bound('stream', (binding, by, variables, options) => by(binding.add, variables, options)) },
  };
}

function readingsOf({ bound, send, fill, requireBinding }: Core): Pick<TargetClient, 'meter' | 'health' | 'classes'> {
  const readMeter = bound('meter', async (binding, by, variables, options) => {
    const answer = await by(binding.http, variables, options);
    const found = (part: Expression | undefined): number | null => (answer.outcome === 'ok' ? numberIn(part, answer.json) : null);
    return { tokens: found(binding.tokens), prompt: found(binding.prompt), completion: found(binding.completion), answer };
  });
  return {
    meter: { read: (id, options) => readMeter({ id }, options) },
    health: {
      read: bound('health', async (binding, by, variables, options) => {
        const answer = await by(binding.http, variables, options);
        return { healthy: answer.outcome === 'ok' && holdsIn(binding.healthy, answer.json), answer };
      }),
    },
    classes: {
      ask: async (name, variables, options) => {
        const rule = requireBinding('classes')[name];
        if (rule === undefined) throw new MissingBinding('classes');
        const answer = await send(rule.http, fill(variables), options);
        return { ok: answer.outcome === 'ok' && holdsIn(rule.ok, answer.json), answer };
      },
    },
  };
}
