import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import { ANYBODY, type Actor } from './actor.ts';
import type { App, AppContext } from './http-app.ts';
import { jsonProblem } from './json-value.ts';
import { inRequestScope } from './request-scope.ts';
import { parseInput, readBody, readQuery } from './read-input.ts';
import { ServiceError, type ErrorCode } from './service-error.ts';

/** What a handler gets: everything checked against its schemas. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly actor: Actor;
  readonly requestId: string;
  header(name: string): string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A success answer that is not JSON. */
export interface TextAnswer {
  readonly contentType: string;
}

/** One row: what the router runs and what the OpenAPI document says, so that the two cannot differ. */
export interface EndpointSpec<Params, Query, Body> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it: `/agents/{id}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly tag: string;
  /** Path parameters. A value that does not fit is a 404: there is no such thing. */
  readonly params?: z.ZodType<Params>;
  /** Query parameters; every value arrives as text. */
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Request headers that the handler reads, beside those every endpoint has. */
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  /** The body of each success status. */
  readonly answers: Readonly<Record<number, z.ZodType | TextAnswer>>;
  /** Error codes that this endpoint adds to those that every one can answer (`COMMON_ERRORS`). */
  readonly errors?: readonly ErrorCode[];
  /** Answers without a key also when keys are required. */
  readonly open?: true;
  handle(call: Call<Params, Query, Body>): Answer | Promise<Answer>;
}

/** An `EndpointSpec` whose types are checked and forgotten, so that all of them fit into one list. */
export interface Endpoint extends Omit<EndpointSpec<unknown, unknown, unknown>, 'handle'> {
  run(context: AppContext, actor: Actor): Promise<Answer>;
}

/** Runs around every endpoint: says who asks, or refuses. */
export type Around = (context: AppContext, endpoint: Endpoint, run: (actor: Actor) => Promise<Answer>) => Promise<Answer>;

export const COMMON_ERRORS: readonly ErrorCode[] = ['rate_limited', 'internal', 'dependency_unavailable', 'overloaded', 'timeout'];

export function endpoint<Params = Readonly<Record<string, never>>, Query = Readonly<Record<string, never>>, Body = undefined>(
  spec: EndpointSpec<Params, Query, Body>,
): Endpoint {
  return {
    ...spec,
    run: (context, actor) =>
      inRequestScope({ requestId: context.get('requestId'), actor }, async () => spec.handle(await readCall(spec, context, actor))),
  };
}

export function json(status: number, body: unknown): Answer {
  return { status, body };
}

/**
 * Adds the endpoints to the application; another method on a path that exists is a 405 that names those that do. A path that is
 * spelled out goes before one with a parameter in its place.
 */
export function mount(app: App, endpoints: readonly Endpoint[], around: Around = (_context, _endpoint, run) => run(ANYBODY)): void {
  for (const path of [...new Set(endpoints.map((row) => row.path))].toSorted(spelledOutFirst)) {
    const rows = endpoints.filter((row) => row.path === path);
    for (const row of rows) {
      app.on(row.method.toUpperCase(), routeOf(path), async (context) => {
        const { status, body } = await around(context, row, (actor) => row.run(context, actor));
        return respond(context, row, { status, body });
      });
    }
    const allowed = rows.map(({ method }) => method.toUpperCase());
    app.all(routeOf(path), (context) => {
      context.header('allow', allowed.join(', '));
      throw new ServiceError('method_not_allowed', `${context.req.path} takes ${allowed.join(', ')}, not ${context.req.method}`);
    });
  }
}

function spelledOutFirst(a: string, b: string): number {
  const parameters = (path: string): number => path.split('{').length;
  return parameters(a) - parameters(b);
}

async function readCall<Params, Query, Body>(
  spec: EndpointSpec<Params, Query, Body>,
  context: AppContext,
  actor: Actor,
): Promise<Call<Params, Query, Body>> {
  return {
    params: readParams(spec.params, context) as Params,
    query: (spec.query === undefined ? {} : readQuery(context, spec.query)) as Query,
    body: (spec.body === undefined ? undefined : await readBody(context, spec.body)) as Body,
    actor,
    requestId: context.get('requestId'),
    header: (name) => context.req.header(name),
  };
}

function readParams(schema: z.ZodType | undefined, context: AppContext): unknown {
  const given = context.req.param() as Readonly<Record<string, string>>;
  if (schema === undefined) return {};
  const read = jsonProblem(given) === null ? schema.safeParse(given) : null;
  if (read?.success === true) return read.data;
  throw new ServiceError('not_found', `there is nothing at ${context.req.path.slice(0, 200)}`);
}

function respond(context: AppContext, row: Endpoint, { status, body }: Answer): Response {
  const described = row.answers[status];
  if (described !== undefined && 'contentType' in described) {
    return context.body(String(body), status as ContentfulStatusCode, { 'content-type': described.contentType });
  }
  return context.json(body, status as ContentfulStatusCode);
}

function routeOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** A header that the caller may leave out. @throws ServiceError validation_failed. */
export function headerValue<T>(call: Call<unknown, unknown, unknown>, name: string, schema: z.ZodType<T>): T | undefined {
  const given = call.header(name);
  return given === undefined || given === '' ? undefined : parseInput(schema, given);
}
