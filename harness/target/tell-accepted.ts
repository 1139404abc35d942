import type { HttpTemplate } from '../model/target.ts';
import { placeholdersIn } from '../model/template.ts';
import type { Answer } from './answer.ts';
import type { HttpClient } from './http-client.ts';

/** A request that may have made something. */
export interface Accepted {
  /** Method and path as the binding writes them. */
  readonly request: string;
  /** It names the workspace. */
  readonly inWorkspace: boolean;
}

/** Asked with these, nothing is made. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The same client; it tells of each request that may have made something and was accepted. */
export function tellingAccepted(http: HttpClient, tell: (accepted: Accepted) => void): HttpClient {
  const heard = ({ outcome }: Answer, method: string, accepted: Accepted): void => {
    if (!READING.has(method) && (outcome === 'ok' || outcome === 'degraded')) tell(accepted);
  };
  return {
    async request(template, ...rest) {
      const answer = await http.request(template, ...rest);
      heard(answer, template.method, acceptedBy(template));
      return answer;
    },
    async send(service, request, options) {
      const answer = await http.send(service, request, options);
      heard(answer, request.method, { request: `${request.method} requests that no binding spells out`, inWorkspace: false });
      return answer;
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

export function acceptedBy(template: HttpTemplate): Accepted {
  const { method, path, headers, body } = template;
  return { request: `${method} ${path}`, inWorkspace: placeholdersIn({ path, headers, body }).includes('workspace') };
}
