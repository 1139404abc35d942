import { randomUUID } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { messageOf, type Log } from './log.ts';
import { errorBody, ServiceError, STATUS_BY_CODE } from './service-error.ts';

export interface AppEnv {
  readonly Variables: { requestId: string };
}

export type App = Hono<AppEnv>;
export type AppContext = Context<AppEnv>;

const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/**
 * An application with what every route has in common: request id, body limit, one shape for errors.
 * @param translate turns a driver's error into what the caller is told; null when it is not one it knows.
 */
export function createApp(log: Log, translate: (error: unknown) => ServiceError | null = () => null): App {
  const app = new Hono<AppEnv>();
  app.use(async (context, next) => {
    const given = context.req.header('x-request-id');
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
    context.set('requestId', requestId);
    context.header('x-request-id', requestId);
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
    if (known === null) {
      log.error('request_failed', {
        request_id: context.get('requestId'),
        path: context.req.path,
        error: messageOf(error),
        stack: error.stack,
      });
      return answer(context, new ServiceError('internal', 'the request failed; see the log by its request id'));
    }
    return answer(context, known);
  });
  return app;
}

function answer(context: AppContext, error: ServiceError): Response {
  if (error.retryAfterMs !== undefined) context.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  return context.json(errorBody(error, context.get('requestId')), STATUS_BY_CODE[error.code]);
}
