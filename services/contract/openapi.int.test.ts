import { randomUUID } from 'node:crypto';
import { Validator as OpenApiValidator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { call, type ApiRequest } from '../testing/contract/call.ts';
import { fetchDocument, nameOf, type ApiDocument, type Operation } from '../testing/contract/document.ts';
import { Explorer, targetOf } from '../testing/contract/explorer.ts';
import { unsaid } from '../testing/contract/honesty.ts';
import { violationsOf } from '../testing/contract/violations.ts';
import { gatewayForFile } from '../testing/file-stack.ts';

const SEED = 20_250_101;
const ROUNDS = 60;
const LIMIT_MS = 180_000;
const ADMIN_KEY = 'the-key-of-the-contract-tests-and-of-nobody-else';
const AS_ADMIN = { authorization: `Bearer ${ADMIN_KEY}` };
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** Successes that a test cannot bring about, each with the reason. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {};

interface Service {
  readonly url: string;
  readonly document: ApiDocument;
  readonly explorer: Explorer;
}

const { backing, gateway } = await gatewayForFile({ AUTH: 'on', API_KEY_ADMIN: ADMIN_KEY });
const services = new Map<string, Service>();

beforeAll(async () => {
  const urls: Record<string, string> = { gateway: gateway.url, meter: backing.meterUrl };
  for (const entry of backing.workerUrls.split(',')) urls[`worker ${entry.split('=')[0]}`] = entry.split('=')[1] ?? '';
  for (const [name, url] of Object.entries(urls)) {
    const document = await fetchDocument(url);
    const headers = name === 'gateway' ? AS_ADMIN : {};
    services.set(name, { url, document, explorer: new Explorer({ url, document, seed: SEED, headers }) });
  }
});

const ALL = [
  'gateway',
  'meter',
  'worker florida_data',
  'worker data_quality',
  'worker sunbiz',
  'worker entity_matching',
  'worker performance',
  'worker ai_ml',
];
const KINDS = ['gateway', 'meter', 'worker data_quality'];

describe.each(ALL)('the OpenAPI document of %s', (name) => {
  it('is valid OpenAPI 3.1', async () => {
    const { document } = serviceOf(name);
    const { valid, errors } = await new OpenApiValidator().validate(structuredClone(document.json));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('leaves nothing unsaid', () => {
    expect(unsaid(serviceOf(name).document)).toEqual([]);
  });
});

describe.each(KINDS)('%s does what its document says', { timeout: LIMIT_MS }, (name) => {
  it('reaches every success, with answers that are valid', async () => {
    const { explorer } = serviceOf(name);
    const unreached = await explorer.explore(ROUNDS);
    expect([...explorer.problems]).toEqual([]);
    expect(unreached.filter((success) => !(success in OUT_OF_REACH))).toEqual([]);
  });

  it('takes no other method', async () => {
    const { url, document, explorer } = serviceOf(name);
    const problems: string[] = [];
    for (const path of new Set(document.operations.map((operation) => operation.path))) {
      const operations = document.operations.filter((operation) => operation.path === path);
      const [operation] = operations;
      if (operation === undefined) continue;
      const allowed = operations.map(({ method }) => method);
      for (const method of METHODS.filter((each) => !allowed.includes(each))) {
        const target = targetOf(path, explorer.pathValues(operation));
        const { status, headers } = await call(url, { method, target, headers: AS_ADMIN });
        const allow = headers.allow?.split(', ').toSorted().join();
        if (status !== 405 || allow !== allowed.toSorted().join()) problems.push(`${method} ${target}: ${status}, Allow: ${allow}`);
      }
    }
    expect(problems).toEqual([]);
  });

  it('refuses a body that is not JSON', async () => {
    expect(await eachBody(name, (_operation, request) => [{ ...request, body: '{"half": ' }], [400])).toEqual([]);
  });

  it('refuses a body that breaks one rule of its schema, whichever it is', async () => {
    const { document, explorer } = serviceOf(name);
    const broken = (operation: Operation, request: ApiRequest): readonly ApiRequest[] => {
      const { body: schema } = operation;
      if (schema === null) return [];
      const valid = JSON.parse(String(request.body)) as unknown;
      return violationsOf(schema, valid, document.resolve)
        .filter(({ value }) => explorer.validator.problem(schema, value) !== null)
        .map(({ value }) => ({ ...request, body: JSON.stringify(value) }));
    };
    expect(await eachBody(name, broken, [404, 409, 413, 422])).toEqual([]);
  });

  it('knows nothing by an id that was never given', async () => {
    const { document, explorer } = serviceOf(name);
    const problems: string[] = [];
    const inPaths = document.operations.flatMap((operation) =>
      operation.parameters.filter(({ in: where }) => where === 'path').map((parameter) => ({ operation, parameter: parameter.name })),
    );
    for (const { operation, parameter } of inPaths) {
      // Of two ids the first one's state may decide before the second is looked at.
      const expected = operation.path.indexOf(`{${parameter}}`) === operation.path.indexOf('{') ? [404] : [404, 409];
      for (const id of [randomUUID(), 'no-such-thing', '%00', '%ff', '..%2f..', 'x'.repeat(2000)]) {
        const target = targetOf(operation.path, { ...explorer.pathValues(operation), [parameter]: 'PLACE' }).replace('PLACE', id);
        const { answer } = await explorer.send(operation, { ...explorer.build(operation), target });
        if (!expected.includes(answer.status)) problems.push(`${operation.method} ${target}: ${answer.status}`);
      }
    }
    expect([...problems, ...explorer.problems]).toEqual([]);
  });
});

describe('with keys', () => {
  const statuses = async (operations: readonly Operation[], headers: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const { url, explorer } = serviceOf('gateway');
    const found: string[] = [];
    for (const operation of operations) {
      const request = explorer.build(operation);
      const { authorization: _, ...others } = request.headers;
      const answer = await call(url, { ...request, headers: { ...others, ...headers } });
      const problem = explorer.validator.answerProblem(operation, answer);
      if (problem !== null) explorer.problems.add(problem);
      found.push(`${nameOf(operation)}: ${answer.status}`);
    }
    expect([...explorer.problems]).toEqual([]);
    return found;
  };
  const closed = (): readonly Operation[] => serviceOf('gateway').document.operations.filter((operation) => operation.closed);
  const open = (): readonly Operation[] => serviceOf('gateway').document.operations.filter((operation) => !operation.closed);

  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer a-key-that-nobody-was-given' }],
    ['a wrong key in the other header', { 'x-api-key': 'a-key-that-nobody-was-given' }],
    ['something else than a key', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
  ])('%s opens no closed operation', async (_, headers) => {
    expect(closed().length).toBeGreaterThan(0);
    expect((await statuses(closed(), headers)).filter((line) => !line.endsWith(': 401'))).toEqual([]);
  });

  it('the right key opens all of them, in either header', async () => {
    for (const headers of [AS_ADMIN, { 'x-api-key': ADMIN_KEY }]) {
      expect((await statuses(closed(), headers)).filter((line) => line.endsWith(': 401'))).toEqual([]);
    }
  });

  it('open operations need none', async () => {
    expect((await statuses(open(), {})).filter((line) => /: 40[13]$/.test(line))).toEqual([]);
  });

  it('the key of one workspace does not open another', async () => {
    const workspace_id = randomUUID();
    const { body } = await call(gateway.url, {
      method: 'POST',
      target: '/api/v1/api-keys',
      headers: { ...AS_ADMIN, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `of ${workspace_id}`, workspace_id }),
    });
    const own = { authorization: `Bearer ${String((body as { key?: unknown }).key)}` };
    const inWorkspace = closed().filter(({ parameters }) => parameters.some(({ name }) => name.toLowerCase() === 'x-workspace-id'));
    expect((await statuses(inWorkspace, own)).filter((line) => /: 40[13]$/.test(line))).toEqual([]);
    const elsewhere = await statuses(inWorkspace, { ...own, 'x-workspace-id': randomUUID() });
    expect(elsewhere.filter((line) => !line.endsWith(': 403'))).toEqual([]);
  });
});

/** What was wrong with the answers to the bodies made of a valid request for each operation that takes one. */
async function eachBody(
  name: string,
  make: (operation: Operation, request: ApiRequest) => readonly ApiRequest[],
  expected: readonly number[],
): Promise<readonly string[]> {
  const { document, explorer } = serviceOf(name);
  const problems: string[] = [];
  for (const operation of document.operations.filter(({ body }) => body !== null)) {
    for (const request of make(operation, explorer.build(operation))) {
      const { answer } = await explorer.send(operation, request);
      if (!expected.includes(answer.status))
        problems.push(`${request.method} ${request.target} ${String(request.body).slice(0, 300)}: ${answer.status}`);
    }
  }
  return [...problems, ...explorer.problems];
}

function serviceOf(name: string): Service {
  const service = services.get(name);
  if (service === undefined) throw new Error(`no service is called ${name}`);
  return service;
}
