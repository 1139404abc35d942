import { eraseRows, sweepDead, sweepOwn, type Swept } from '../environment/index.ts';
import { inDatabaseOf } from '../model/addresses.ts';
import type { Environment, RunningService } from '../model/environment.ts';
import { messageOf } from '../model/errors.ts';
import type { Footprint } from '../model/footprint.ts';
import type { RunPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { FootprintBook } from './footprint-book.ts';
import type { Journal } from './journal.ts';
import { removeWorkspaces } from './remove-workspaces.ts';

export interface TargetFootprintOptions {
  readonly plan: RunPlan;
  readonly journal: Journal;
}

/** What the run makes at a target that outlives it: counted, and removed in the end as far as that can be. Never fails the run. */
export class TargetFootprint {
  readonly book: FootprintBook;
  readonly #options: TargetFootprintOptions;
  /** null: stores and services go with the run. */
  #outlives: Environment | null = null;

  constructor(options: TargetFootprintOptions) {
    this.#options = options;
    this.book = new FootprintBook(options.plan.runId);
  }

  /** The services are there, and stay when the run ends: removes what dead runs left in their databases. */
  async begin(environment: Environment): Promise<void> {
    this.#outlives = environment;
    const { removed, left, unseen } = await this.#inDatabases(sweepDead);
    for (const { kind, name } of removed) this.#warn(`left by an earlier run that died, and removed: the ${kind} ${name}`);
    for (const what of left) this.#warn(`left by an earlier run that died, and could not be removed: ${what}`);
    for (const why of unseen) this.#warn(`whether an earlier run left something in a database of the target could not be seen: ${why}`);
  }

  /** The checks are over, and the services still there. */
  async end(): Promise<void> {
    if (this.#outlives === null) return;
    const { removed, left, unseen } = await this.#inDatabases(sweepOwn);
    for (const { kind } of removed) this.book.add({ things: [{ what: `${kind}s`, made: 0, removed: 1, inWorkspace: false }] });
    for (const what of left) this.#leave(`Could not be removed: ${what}.`);
    for (const why of unseen) this.#leave(`Whether a database or a schema of this run is left could not be seen: ${why}.`);
    await this.#removeWorkspaces(this.#outlives);
  }

  record(): Footprint | null {
    return this.#outlives === null ? null : this.book.record();
  }

  async #removeWorkspaces(environment: Environment): Promise<void> {
    const { plan } = this.#options;
    const ids = this.book.workspaces;
    if (ids.length === 0) return;
    const { remove, erase } = plan.target.bindings.workspace ?? {};
    if (remove === undefined && erase === undefined) {
      const note = 'The target binds neither `workspace.remove` nor `workspace.erase`: what was made in the workspaces stays.';
      this.book.add({ notes: [note] });
      return;
    }
    const byRequest = remove === undefined ? null : await removeWorkspaces({ plan, environment, template: remove, ids });
    const erased = await this.#erase(erase, ids);
    if (byRequest?.problem && erased === null)
      this.#leave(`${String(ids.length - byRequest.removed)} workspaces were not removed: ${byRequest.problem}.`);
    this.book.workspacesRemoved(erased ?? byRequest?.removed ?? 0);
  }

  /** How many workspaces went; null: none. */
  async #erase(statements: readonly string[] | undefined, ids: readonly string[]): Promise<number | null> {
    if (statements === undefined) return null;
    const [database] = this.#databases().flatMap(({ adminUrl }) => adminUrl ?? []);
    if (database === undefined) {
      this.#leave('`workspace.erase` was not run: there is no `adminUrl` that leads into a database of the target.');
      return null;
    }
    try {
      const rows = await eraseRows(database, statements, ids);
      if (rows === 0)
        this.book.add({
          notes: ['`workspace.erase` found no row: nothing was in the workspaces, or it looks elsewhere. They are not counted as removed.'],
        });
      return rows === 0 ? 0 : ids.length;
    } catch (error) {
      this.#leave(`\`workspace.erase\` failed, and removed nothing: ${messageOf(error)}.`);
      return null;
    }
  }

  async #inDatabases(work: (place: { readonly adminUrl: string; readonly own: string }) => Promise<Swept>): Promise<Found> {
    const found = await Promise.all(
      this.#databases().map(async ({ url, adminUrl }): Promise<Found> => {
        try {
          // Who has no other way in makes a schema as the service's own role, too.
          return { ...(await work({ adminUrl: adminUrl ?? url, own: this.book.mark })), unseen: [] };
        } catch (error) {
          return { removed: [], left: [], unseen: [messageOf(error)] };
        }
      }),
    );
    return {
      removed: found.flatMap(({ removed }) => removed),
      left: found.flatMap(({ left }) => left),
      unseen: found.flatMap(({ unseen }) => unseen),
    };
  }

  #databases(): readonly Database[] {
    return [...(this.#outlives?.services.values() ?? [])].flatMap((service) => databaseOf(service) ?? []);
  }

  #leave(text: string): void {
    this.book.add({ notes: [text] });
    this.#warn(text);
  }

  #warn(text: string): void {
    this.#options.journal.warn('harness', text);
  }
}

interface Found extends Swept {
  /** Why a database could not be looked into. */
  readonly unseen: readonly string[];
}

/** The ways into the database that the target uses: its own, and that of an administrator. */
type Database = Pick<RunningService, 'url' | 'adminUrl'>;

function databaseOf({ kind, url, adminUrl }: Pick<RunningService, 'kind' | 'url' | 'adminUrl'>): Database | null {
  if (kind !== 'postgres') return null;
  return { url, adminUrl: adminUrl === null ? null : inDatabaseOf(url, adminUrl) };
}

/** What a run on services that stay will do to them, in full sentences; said before it begins. */
export function writesTo({ bindings, stores }: Target): readonly string[] {
  const { workspace } = bindings;
  const makes = stores.migrations?.up === undefined ? 'a schema of its own' : 'a database and a schema of its own';
  return [
    'This run writes to services that stay when it ends: it makes workspaces, and in them what the bindings make.',
    `Through \`adminUrl\`, where one is given, it makes ${makes} and removes them again, and writes the rows of \`fill\` and \`seed\`.`,
    workspace?.remove === undefined && workspace?.erase === undefined
      ? 'What is made in the workspaces stays: bind `workspace.remove` or `workspace.erase` and it is removed in the end.'
      : `What is made in the workspaces is removed in the end (\`workspace.${workspace.remove === undefined ? 'erase' : 'remove'}\`).`,
  ];
}
