import { NotMeasured, type Answer, type SuiteRun } from '../../../harness/index.ts';
import { readDocument, type ApiDocument } from './document.ts';
import { patience } from '../turned-away.ts';
import { isEndless } from './findings.ts';
import { curlOf, type ApiRequest } from './request.ts';
import { createThings, type Things } from './things.ts';
import { createValidator, type Validator } from './validator.ts';
import { createValues, type Values } from './values.ts';

type Binding = NonNullable<SuiteRun['spec']['bindings']['openapi']>;

/** What the checks of one interface share: its document, and what was learned by asking. */
export interface Api {
  readonly document: ApiDocument;
  readonly validator: Validator;
  readonly values: Values;
  readonly things: Things;
  /** Sent with every request, beside the credentials: what says whose things these are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: Readonly<Record<string, string>>;
  send(request: ApiRequest): Promise<Answer>;
  curl(request: ApiRequest): string;
}

/** On a slow machine a healthy service answers late; one that hangs does not answer at all. */
const PATIENCE_MS = 10_000;
/** What is turned away says nothing of the input; so much is asked again in all. */
const MOST_AGAIN = 200;

type Run = Pick<SuiteRun, 'target' | 'signal' | 'workspace'>;

/** Reads the document that the target binds. @throws NotMeasured when there is none to read. */
export async function openApi(run: Run): Promise<Api> {
  const binding = run.target.requireBinding('openapi');
  const workspace = run.workspace();
  const answer = await run.target.request(withCredentials(binding), { workspace }, { timeoutMs: PATIENCE_MS, signal: run.signal });
  if (answer.json === undefined || answer.outcome !== 'ok') throw new NotMeasured(noDocument(binding, answer));
  const document = withoutLeftOut(readDocument(answer.json), binding.leaveOut);
  const url = run.target.url(binding.http.service);
  const untilTaken = patience(MOST_AGAIN, run.signal);
  const headers = Object.fromEntries(
    Object.entries(binding.http.headers).map(([name, value]) => [name, value.replaceAll('${workspace}', workspace)]),
  );
  return {
    document,
    validator: createValidator(document),
    values: createValues(document.requests),
    things: createThings(),
    headers,
    credentials: binding.credentials,
    send: (request) => untilTaken(() => sendTwice(run, binding.http.service, request)),
    curl: (request) => curlOf(url, request, [...Object.keys(binding.credentials), 'authorization', 'cookie']),
  };
}

function withCredentials({ http, credentials }: Binding): Binding['http'] {
  return { ...http, headers: { ...http.headers, ...credentials } };
}

function noDocument({ http }: Binding, answer: Answer): string {
  return `${http.method} ${http.path} of ${http.service} answered ${answer.error ?? answer.status ?? 'nothing'} and no JSON: \`openapi\` must name a request whose answer is the document in JSON`;
}

function withoutLeftOut(document: ApiDocument, leaveOut: readonly string[]): ApiDocument {
  const operations = document.operations.filter(({ name }) => !leaveOut.includes(name));
  if (operations.length === 0) throw new NotMeasured('`openapi.leaveOut` leaves out every operation of the document');
  return { ...document, operations, leftOut: document.operations.filter(({ name }) => leaveOut.includes(name)) };
}

/** Once more when no whole answer came: what was cut off once may have been the network's doing. */
async function sendTwice(run: Run, service: string, request: ApiRequest): Promise<Answer> {
  const options = { timeoutMs: PATIENCE_MS, signal: run.signal, lastOnConnection: true };
  const first = await run.target.send(service, request, options);
  if (first.error === null || run.signal.aborted || isEndless(first)) return first;
  return run.target.send(service, request, options);
}
