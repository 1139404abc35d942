import type { Expression, HttpTemplate, WsTemplate } from '../target.ts';

/** Long-running work: created, looked at until it has ended. */
export interface OperationBinding {
  readonly create: HttpTemplate;
  readonly poll: HttpTemplate;
  readonly id: Expression;
  readonly state: Expression;
  readonly end: readonly string[];
  readonly success: readonly string[];
  /** Operation types to try, each as variable `kind`. */
  readonly kinds: readonly string[];
  /** SQL that counts the rows an ended operation leaves behind; `$1` is the operation id. Second witness. */
  readonly effect?: string;
  /** Push events over WebSocket that tell how an operation moves: `key` carries its id, `value` its state. Variables: `workspace`. */
  readonly events?: EventsBinding;
  /** Work whose result is too uncertain to do without a person. */
  readonly uncertain?: UncertainRule;
  /** `create` of one operation that mostly waits: several of them are started at once. */
  readonly parallel?: HttpTemplate;
}

export interface UncertainRule {
  readonly create: HttpTemplate;
  /** States in which an operation waits for a person. */
  readonly waiting: readonly string[];
  /** Holds in the answer of `poll` when a person is needed. */
  readonly human?: Expression;
  /** Where a person finds what waits: `items` is the list, `id` in each item the operation's id. */
  readonly listed?: { readonly http: HttpTemplate; readonly items: Expression; readonly id: Expression };
}

/** Messages that are pushed over WebSocket. */
export interface EventsBinding {
  readonly ws: WsTemplate;
  /** Field that names the event's type, and the type that follows `register.append`. */
  readonly type: Expression;
  readonly appended: string;
  /** Field that carries the register's key, and the one that carries the appended value. */
  readonly key: Expression;
  readonly value: Expression;
  /** What every event must carry. */
  readonly fields?: readonly Expression[];
  /** A number that grows with every event of a stream, in the order of the commits. */
  readonly sequence?: Expression;
}
