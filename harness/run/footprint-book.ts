import type { AcceptedRequest, Footprint, MadeThing } from '../model/footprint.ts';
import { markedPrefix, markOf } from '../model/mark.ts';

/** What the suites tell of what they make. */
export interface Made {
  /** Ids that were made up for workspaces: whether the target has made something for them is not known. */
  readonly workspaces?: readonly string[];
  readonly things?: readonly MadeThing[];
  readonly requests?: readonly AcceptedRequest[];
  readonly notes?: readonly string[];
}

/** Adds up what a run makes at its target. */
export class FootprintBook {
  readonly mark: string;
  readonly #workspaces = new Set<string>();
  readonly #things = new Map<string, MadeThing>();
  readonly #requests = new Map<string, AcceptedRequest>();
  readonly #notes: string[] = [];
  #workspacesRemoved = 0;

  constructor(runId: string) {
    this.mark = markOf(runId);
  }

  get workspaces(): readonly string[] {
    return [...this.#workspaces];
  }

  add({ workspaces = [], things = [], requests = [], notes = [] }: Made): void {
    for (const id of workspaces) this.#workspaces.add(id);
    this.#notes.push(...notes);
    for (const thing of things) this.#addThing(thing);
    for (const request of requests) this.#addRequest(request);
  }

  #addThing(thing: MadeThing): void {
    const { made, removed } = this.#things.get(thing.what) ?? { made: 0, removed: 0 };
    this.#things.set(thing.what, { ...thing, made: made + thing.made, removed: removed + thing.removed });
  }

  /** The same path may be asked with a workspace and without. */
  #addRequest(request: AcceptedRequest): void {
    const { accepted, inWorkspace } = this.#requests.get(request.request) ?? { accepted: 0, inWorkspace: true };
    this.#requests.set(request.request, {
      ...request,
      accepted: accepted + request.accepted,
      inWorkspace: inWorkspace && request.inWorkspace,
    });
  }

  /** So many of the workspaces were removed; with the last of them all that was in them. */
  workspacesRemoved(count: number): void {
    this.#workspacesRemoved = Math.min(count, this.#workspaces.size);
    if (this.#workspacesRemoved < this.#workspaces.size) return;
    for (const [what, thing] of this.#things) if (thing.inWorkspace) this.#things.set(what, { ...thing, removed: thing.made });
  }

  record(): Footprint {
    const workspaces = { what: 'workspaces', made: this.#workspaces.size, removed: this.#workspacesRemoved, inWorkspace: false };
    return {
      mark: this.mark,
      workspacePrefix: markedPrefix(this.mark),
      things: [
        ...(workspaces.made === 0 ? [] : [workspaces]),
        ...[...this.#things.values()].map((thing) => ({ ...thing, removed: Math.min(thing.made, thing.removed) })),
      ],
      requests: [...this.#requests.values()].toSorted((a, b) => b.accepted - a.accepted),
      notes: [...new Set(this.#notes)],
    };
  }
}
