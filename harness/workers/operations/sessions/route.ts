import type { WsTemplate } from '../../../model/target.ts';
import { fillHeader, fillPath, type Variables } from '../../../model/template.ts';
import { urlOf } from '../../../target/index.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Dial } from './agent-socket.ts';

/** Where a WebSocket template leads for these variables. @throws MusterError (config) for unknown services and variables. */
export function routeOf(
  template: WsTemplate,
  variables: Variables,
  { urls, tls, timeoutMs }: OperationContext,
  welcome: Dial['welcome'],
): Dial {
  const base = urlOf(template.service, urls).replace(/^http/, 'ws').replace(/\/$/, '');
  const headers = Object.fromEntries(Object.entries(template.headers).map(([name, value]) => [name, fillHeader(value, variables)]));
  return { url: base + fillPath(template.path, variables), headers, tls: tls(template.service), timeoutMs, welcome };
}
