/**
 * What became of an operation: `ok` took effect; `fail` definitely did not (a refusal); `unknown` may have, then or later (time-out, 5xx,
 * reset). A refusal recorded as `ok`, or a 5xx as `fail`, makes false anomalies: the mapping is the first thing to check.
 */
export type OperationOutcome = 'ok' | 'fail' | 'unknown';

/** One operation of one session, on one clock. Sessions do one operation at a time. */
export interface Recorded<A> {
  /** Position in the history. */
  readonly id: number;
  readonly session: number;
  readonly invokedMs: number;
  /** When its answer was there; of an unknown one when it was given up: it may still take effect after that. */
  readonly returnedMs: number;
  readonly outcome: OperationOutcome;
  readonly action: A;
}

/** From when on everybody must see an operation; never for one whose outcome is not known. */
export function acknowledgedAtMs({ outcome, returnedMs }: Pick<Recorded<unknown>, 'outcome' | 'returnedMs'>): number {
  return outcome === 'ok' ? returnedMs : Number.POSITIVE_INFINITY;
}

/** Keys and values are whatever identifies them in the target. */
export type Key = string;
export type Value = string | number;

/** A list that only grows; every value is appended at most once per key. The strongest evidence an API can give. */
export type ListPart =
  | { readonly kind: 'append'; readonly key: Key; readonly value: Value }
  /** `values` null: the answer was not seen. */
  | { readonly kind: 'read'; readonly key: Key; readonly values: readonly Value[] | null };

/** One part is a plain append or read; several are one transaction. */
export interface ListAction {
  readonly parts: readonly ListPart[];
}

/**
 * A value with a version that grows by one with each write; a write says which version it saw. Without versions only this can be told: that
 * what was read was written and not refused, and that it is neither nothing nor an older value once a write has been acknowledged. Of two
 * acknowledged writes on one base that overlap, the lost one is seen with versions only.
 */
export type RegisterAction =
  | {
      readonly kind: 'write';
      readonly key: Key;
      readonly value: Value;
      /** Version the writer had read; null: written without looking. */
      readonly base: number | null;
      /** Version the write got; null when the answer does not say. */
      readonly version: number | null;
    }
  | { readonly kind: 'read'; readonly key: Key; readonly value: Value | null; readonly version: number | null };

export type CounterAction =
  | { readonly kind: 'add'; readonly key: Key; readonly delta: number }
  | { readonly kind: 'read'; readonly key: Key; readonly value: number | null };

export type SetAction =
  | { readonly kind: 'add'; readonly key: Key; readonly value: Value }
  | { readonly kind: 'read'; readonly key: Key; readonly values: readonly Value[] | null };

/** Transfers between accounts whose sum never changes. */
export type BankAction =
  | { readonly kind: 'transfer'; readonly from: Key; readonly to: Key; readonly amount: number }
  | { readonly kind: 'read'; readonly balances: Readonly<Record<Key, number>> | null };

/** What a target's API lets itself be asked, with the history that was recorded through it. */
export type History =
  /** `stalenessMs`: how old what is read may be. */
  | { readonly model: 'list'; readonly stalenessMs?: number; readonly operations: readonly Recorded<ListAction>[] }
  | { readonly model: 'register'; readonly stalenessMs?: number; readonly operations: readonly Recorded<RegisterAction>[] }
  | {
      readonly model: 'counter';
      readonly initial: number;
      readonly stalenessMs?: number;
      readonly operations: readonly Recorded<CounterAction>[];
    }
  | { readonly model: 'set'; readonly stalenessMs?: number; readonly operations: readonly Recorded<SetAction>[] }
  | {
      readonly model: 'bank';
      readonly total: number;
      readonly mayGoNegative: boolean;
      readonly operations: readonly Recorded<BankAction>[];
    };
