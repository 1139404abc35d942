import { markedId, markOf } from '../model/mark.ts';
import type { Made } from './footprint-book.ts';
import type { SupervisorApi } from './protocol.ts';

/** Some things of one kind. */
export interface MadeHere {
  /** In the plural: `databases`. */
  readonly what: string;
  readonly count: number;
  /** A workspace that is removed takes them with it. */
  readonly inWorkspace: boolean;
}

/** What the checks tell of what they make at the target past its own interface. */
export interface OwnThings {
  /** In the names of databases and schemas: other runs know by it whose they are. */
  readonly mark: string;
  made(things: MadeHere): void;
  removed(things: MadeHere): void;
  /** Why something is left: a full sentence. */
  note(text: string): void;
}

/** Where a worker writes down what it makes; the supervisor adds it up. */
export class FootprintLink {
  readonly things: OwnThings;
  readonly #mark: string;
  readonly #supervisor: Pick<SupervisorApi, 'made'>;
  readonly #accepted = new Map<string, { readonly request: string; readonly inWorkspace: boolean; accepted: number }>();

  constructor(runId: string, supervisor: Pick<SupervisorApi, 'made'>) {
    this.#mark = markOf(runId);
    this.#supervisor = supervisor;
    this.things = {
      mark: this.#mark,
      made: ({ what, count, inWorkspace }) => this.#tell({ things: [{ what, inWorkspace, made: count, removed: 0 }] }),
      removed: ({ what, count, inWorkspace }) => this.#tell({ things: [{ what, inWorkspace, made: 0, removed: count }] }),
      note: (text) => this.#tell({ notes: [text] }),
    };
  }

  /** A new id, known to the supervisor before anything is sent with it. */
  workspace(): string {
    const id = markedId(this.#mark);
    this.#tell({ workspaces: [id] });
    return id;
  }

  accepted({ request, inWorkspace }: { readonly request: string; readonly inWorkspace: boolean }): void {
    const key = `${String(inWorkspace)} ${request}`;
    const known = this.#accepted.get(key) ?? { request, inWorkspace, accepted: 0 };
    known.accepted += 1;
    this.#accepted.set(key, known);
  }

  /** Tells what was counted since the last time. */
  async flush(): Promise<void> {
    const requests = [...this.#accepted.values()];
    this.#accepted.clear();
    if (requests.length > 0) await this.#supervisor.made({ requests });
  }

  #tell(made: Made): void {
    // A supervisor that is gone writes no report any more.
    this.#supervisor.made(made).catch(() => undefined);
  }
}
