import { randomUUID } from 'node:crypto';
import { NotMeasured, textIn, type Answer, type SuiteRun } from '../../../harness/index.ts';
import { inParallel, MODEST } from '../in-parallel.ts';

type Request = Parameters<SuiteRun['target']['request']>[0];

/** One of two callers whose data must never meet. */
export interface Tenant {
  readonly name: 'A' | 'B';
  readonly workspace: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly objects: readonly Owned[];
}

/** Something a tenant has, and the word that nobody else's data holds. */
export interface Owned {
  readonly id: string;
  readonly marker: string;
}

export interface Tenants {
  readonly a: Tenant;
  readonly b: Tenant;
  /** What could not be written for them, one sentence each: it is missing from what is compared. */
  readonly unwritten: readonly string[];
}

/** Two tenants with `objects` objects each. @throws NotMeasured when the target makes none. */
export async function makeTenants(run: SuiteRun, objects: number): Promise<Tenants> {
  const headers = run.target.requireBinding('tenants').as ?? [{}, {}];
  const unwritten: string[] = [];
  const made = async (name: Tenant['name'], own: Tenant['headers']): Promise<Tenant> => {
    const empty: Tenant = { name, workspace: run.workspace(), headers: own, objects: [] };
    const places = Array.from({ length: objects }, (_, index) => index);
    const owned = await inParallel(places, { width: MODEST, signal: run.signal }, () => makeObject(run, empty, unwritten));
    return { ...empty, objects: owned };
  };
  const [a, b] = [await made('A', headers[0]), await made('B', headers[1])];
  return { a, b, unwritten: [...new Set(unwritten)] };
}

async function makeObject(run: SuiteRun, tenant: Tenant, unwritten: string[]): Promise<Owned> {
  const { create, fill } = run.target.requireBinding('tenants');
  const marker = newMarker();
  const created = await ask(run, tenant, create.http, { marker });
  const id = textIn(create.id, created.json);
  if (created.outcome !== 'ok' || id === null)
    throw new NotMeasured(`no object could be made for tenant ${tenant.name}: \`tenants.create\` was answered with ${answered(created)}`);
  for (const request of fill) {
    const filled = await ask(run, tenant, request, { marker, id });
    if (filled.outcome !== 'ok') unwritten.push(`${nameOf(request)} was answered with ${answered(filled)}`);
  }
  return { id, marker };
}

/** A word that stands nowhere else; letters and digits only, so that nothing on the way changes it. */
export function newMarker(): string {
  return `muster${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

/** One request as this tenant sends it. */
export function ask(run: SuiteRun, tenant: Tenant, request: Request, variables: Readonly<Record<string, string>>): Promise<Answer> {
  const headers = { ...request.headers, ...tenant.headers };
  return run.target.request(
    { ...request, headers },
    { marker: '', id: '', agent: `muster-${tenant.name}`, ...variables, workspace: tenant.workspace, op: randomUUID() },
    { signal: run.signal },
  );
}

export function nameOf({ method, path }: Request, id?: string): string {
  return `${method} ${id === undefined ? path : path.replaceAll('${id}', id)}`;
}

export function answered({ status, error }: Answer): string {
  return status === null ? (error ?? 'nothing') : String(status);
}
