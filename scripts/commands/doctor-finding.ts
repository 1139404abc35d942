/** One thing that `muster doctor` has found out. */
export interface Finding {
  readonly area: 'machine' | 'configuration' | 'provider' | 'criteria' | 'bindings';
  /** `note`: as it is, and no harm unless somebody wants it otherwise. */
  readonly level: 'ok' | 'note' | 'warning' | 'problem';
  readonly text: string;
  /** What to do about it; null when all is well. */
  readonly fix: string | null;
}
