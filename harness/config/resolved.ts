import type { Profile } from '../model/criterion.ts';
import type { Target } from '../model/target.ts';
import type { CriterionOverride } from './overrides.ts';
import type { Provider } from './schema.ts';
import type { Origin } from './settings.ts';

/** The configuration of a run: complete, checked, deeply frozen. */
export interface ResolvedConfig {
  readonly target: Target;
  /** Overrides by criterion id. */
  readonly criteria: Readonly<Record<string, CriterionOverride>>;
  readonly profile: Profile;
  readonly provider: Provider;
  /** null: all. */
  readonly suites: readonly string[] | null;
  /** Suites, groups of criteria (`database.stream`) and ids; those they rest on come with them. null: all. */
  readonly only: readonly string[] | null;
  /** Suites, groups and ids. */
  readonly skip: readonly string[];
  /** null: drawn at the start of the run. */
  readonly seed: number | null;
  /** null: the profile's default. */
  readonly deadlineMs: number | null;
  /** Absolute. */
  readonly outDir: string;
  /** How many load workers on this machine, or the address of the Redis whose queue others have joined. */
  readonly loadWorkers: number | string;
  readonly allow: { readonly hosts: readonly string[]; readonly faults: boolean };
  /** Absolute; null when there is none. */
  readonly configFile: string | null;
  /** Absolute; null when the target is written in the config file. */
  readonly targetFile: string | null;
  /** sha256 of everything that decides what is measured and how it is judged; without secrets and absolute paths. */
  readonly digest: string;
  /** Dotted path → the layer that set it: `target.workload.agents` → `file:targets/shop.yaml`. */
  readonly provenance: ReadonlyMap<string, Origin>;
  /** Secret values seen while reading; to be removed from everything that is written. */
  readonly secrets: ReadonlySet<string>;
  /** Settings that were accepted but that this version does not act on, each with a sentence. */
  readonly notes: readonly string[];
}
