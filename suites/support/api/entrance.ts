import fc from 'fast-check';
import type { Answer } from '../../../harness/index.ts';
import { inParallel, MODEST } from '../in-parallel.ts';
import type { Api } from './api.ts';
import { casesOf } from './cases.ts';
import type { ApiDocument, Operation } from './document.ts';
import type { Json } from './json.ts';
import type { ApiRequest } from './request.ts';

export interface EntranceTried {
  /** Requests that were refused for want of credentials, or let in. */
  readonly decided: number;
  readonly letIn: readonly string[];
  /** Operations of which no answer tells whether credentials were asked for. */
  readonly undecided: readonly string[];
}

const REFUSED = [401, 403];

interface Caller {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks each operation that declares security without credentials, and with some that nobody ever gave out. */
export async function tryEntrance(api: Api, { seed, signal }: Trying): Promise<EntranceTried> {
  const letIn: string[] = [];
  const undecided: string[] = [];
  let decided = 0;
  const strangers: readonly Caller[] = [
    { name: 'without credentials', headers: {} },
    { name: 'with credentials that nobody gave out', headers: wrongCredentials(api) },
  ];
  const attempts = securedIn(api.document).flatMap((operation) => strangers.map((stranger) => ({ operation, stranger })));
  await inParallel(attempts, { width: MODEST, signal }, async ({ operation, stranger }) => {
    const request = plainRequest(api, operation, { seed, caller: stranger });
    const answer = await api.send(request);
    const verdict = REFUSED.includes(answer.status ?? 0) ? 'refused' : await verdictOf(api, operation, { seed, answer });
    const told = `${operation.name} ${stranger.name} was answered with ${answer.status ?? answer.error ?? 'nothing'}`;
    if (verdict === 'undecided') undecided.push(told);
    else decided += 1;
    if (verdict === 'let in') letIn.push(`${told}. ${api.curl(request)}`);
  });
  return { decided, letIn, undecided };
}

interface Trying {
  readonly seed: number;
  readonly signal: AbortSignal;
}

export function securedIn({ operations }: ApiDocument): readonly Operation[] {
  return operations.filter(({ security }) => security.length > 0);
}

type Verdict = 'refused' | 'let in' | 'undecided';

/** A success is a stranger's. Something that is not found is hidden from him when others do find it; all else may have any reason. */
async function verdictOf(
  api: Api,
  operation: Operation,
  { seed, answer }: { readonly seed: number; readonly answer: Answer },
): Promise<Verdict> {
  if (answer.outcome === 'ok') return 'let in';
  if (answer.status !== 404 || Object.keys(api.credentials).length === 0) return 'undecided';
  const known = await api.send(plainRequest(api, operation, { seed, caller: { name: '', headers: api.credentials } }));
  return known.outcome === 'ok' ? 'refused' : 'undecided';
}

function plainRequest(api: Api, operation: Operation, { seed, caller }: { readonly seed: number; readonly caller: Caller }): ApiRequest {
  const [plain] = fc.sample(casesOf(operation, 'bare', { ...api, headers: api.headers }), { seed, numRuns: 1 });
  if (plain === undefined) throw new Error(`no request could be made for ${operation.name}`); // invariant: every arbitrary has a value
  const bare = Object.entries(plain.request.headers).filter(([name]) => !credentialNames(api).has(name.toLowerCase()));
  return { ...plain.request, headers: { ...Object.fromEntries(bare), ...caller.headers } };
}

function credentialNames({ credentials }: Api): ReadonlySet<string> {
  return new Set([...Object.keys(credentials), 'authorization', 'cookie'].map((name) => name.toLowerCase()));
}

/** Of the same form as the right ones, or as the document asks for them. */
function wrongCredentials({ credentials, document }: Api): Readonly<Record<string, string>> {
  const bound = Object.entries(credentials);
  if (bound.length > 0) return Object.fromEntries(bound.map(([name, value]) => [name, otherThan(value)]));
  return Object.assign({}, ...Object.values(document.schemes).map(schemeHeaders)) as Readonly<Record<string, string>>;
}

/** The first word stays when there are two: `Bearer`, `Basic`. */
function otherThan(value: string): string {
  const [, scheme = '', secret = ''] = /^(\S+ )?(.*)$/.exec(value) ?? [];
  const other = Array.from(secret, (character) =>
    /[a-y0-8]/i.test(character) ? String.fromCharCode(character.charCodeAt(0) + 1) : character,
  );
  return scheme + (other.join('') === secret ? `${secret}x` : other.join(''));
}

function schemeHeaders(scheme: Json): Readonly<Record<string, string>> {
  if (scheme['type'] === 'apiKey' && scheme['in'] === 'header') return { [String(scheme['name'])]: NOBODYS };
  if (scheme['type'] === 'http' && scheme['scheme'] === 'basic')
    return { authorization: `Basic ${Buffer.from(`muster:${NOBODYS}`).toString('base64')}` };
  return ['http', 'oauth2', 'openIdConnect'].includes(String(scheme['type'])) ? { authorization: `Bearer ${NOBODYS}` } : {};
}

const NOBODYS = 'muster-asks-with-a-key-of-nobody';
