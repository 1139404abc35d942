import { randomUUID } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { messageOf, type Log } from './log.ts';
import { errorBody, ServiceError, STATUS_BY_CODE } from './service-error.ts';

export interface AppEnv {
  readonly Variables: {
    requestId: string;
    /** Template of the path, once it is known which endpoint was meant: for figures, which must not have one row per id. */
    route: string | undefined;
  };
}

export type App = Hono<AppEnv>;
export type AppContext = Context<AppEnv>;

/** Turns a driver's error into what the caller is told; null when it is not one it knows. */
export type TranslateError = (error: unknown) => ServiceError | null;

const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** An application with what every route has in common: request id, body limit, one shape for errors. */
export function createApp(log: Log, translate: TranslateError = () => null): App {
  const app = new Hono<AppEnv>();
  app.use(async (context, next) => {
    const given = context.req.header('x-request-id');
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
    context.set('requestId', requestId);
    context.header('x-request-id', requestId);
    context.header('x-content-type-options', 'nosniff');
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: BODY_LIMIT_BYTES,
      onError: () => {
        throw new ServiceError('payload_too_large', `the body is larger than ${BODY_LIMIT_BYTES} bytes`);
      },
    }),
  );
  app.notFound((context) => answer(context, new ServiceError('not_found', `no route ${context.req.method} ${context.req.path}`)));
  app.onError((error, context) => {
    const known = error instanceof ServiceError ? error : translate(error);
    if (known !== null) return answer(context, known);
    // Nobody is there to be answered, and nothing is wrong here.
    if (context.req.raw.signal.aborted) return answer(context, new ServiceError('malformed_body', 'the request ended before it was whole'));
    log.error('request_failed', {
      request_id: context.get('requestId'),
      path: context.req.path,
      error: messageOf(error),
      stack: error.stack,
    });
    return answer(context, new ServiceError('internal', 'the request failed; see the log by its request id'));
  });
  return app;
}

function answer(context: AppContext, error: ServiceError): Response {
  if (error.retryAfterMs !== undefined) context.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  if (error.code === 'unauthorized') context.header('www-authenticate', 'Bearer realm="agent services"');
  // What is allowed is in the header, which is all that was asked for.
  if (error.code === 'method_not_allowed' && context.req.method === 'OPTIONS') return context.body(null, 204);
  return context.json(errorBody(error, context.get('requestId')), STATUS_BY_CODE[error.code]);
}
