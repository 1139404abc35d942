import type { Seams } from '../gateway/seams.ts';
import type { MeterSeams } from '../meter/seams.ts';
import type { WorkerSeams } from '../worker/seams.ts';

/** A mistake planted on purpose, to prove that the gate sees it. */
export interface Defect {
  /** What the service does wrong. */
  readonly what: string;
  /** The class of real incidents it stands for. */
  readonly incidentClass: string;
  /** The criterion that must turn VIOLATED. */
  readonly violates: string;
  /** The suite whose work brings it out, when that is not the suite of the criterion. */
  readonly shownBy?: string;
  /** Criteria near by that must stay MET: the gate names the cause, not just a symptom. */
  readonly mustStayMet: readonly string[];
  /** Environment variable that must be set for it, if any. */
  readonly needs?: string;
  /** The profile whose run shows it, when that is not quick. */
  readonly profile?: 'full' | 'soak';
  /** Defects of the same name are planted and shown in one run: each violates its own criterion, and no other. */
  readonly together?: string;
  /** Loads the code that wraps or replaces the part; absent when the mistake is not in the gateway. */
  load?(): Promise<Partial<Seams>>;
  /** The same for the workers. */
  loadWorker?(): Promise<Partial<WorkerSeams>>;
  /** The same for the model. */
  loadMeter?(): Promise<Partial<MeterSeams>>;
}

export type DefectTable = Readonly<Record<string, Defect>>;
