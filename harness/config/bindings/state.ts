import { z } from 'zod';
import type { ContextBinding, IdempotentBinding, RetentionRule, StateBinding, StateBindings } from '../../model/bindings/state.ts';
import { withoutUndefined, type Builders } from '../build-request.ts';
import { checked, durationOf } from '../checked.ts';
import { count, duration, expression, nonEmpty } from '../leaves.ts';
import { readDuration } from '../quantities.ts';
import { httpFields, request } from '../schema-request.ts';

const create = z.strictObject({ ...httpFields, id: expression });
const versioned = z.strictObject({ ...httpFields, version: expression });
const refused = z.array(z.int().min(400).max(499)).min(1);

const context = z.strictObject({
  create: create.optional(),
  write: versioned,
  read: versioned.extend({ value: expression, staleness: duration.optional() }),
  rollback: versioned.optional(),
  first: z.int().min(0).optional(),
  refused: refused.optional(),
});

const state = z.strictObject({
  create: create.optional(),
  patch: request,
  read: z.strictObject({ ...httpFields, fields: expression }),
});

const idempotent = z.strictObject({
  create: create.optional(),
  send: z.strictObject({ ...httpFields, same: expression }),
  read: z.strictObject({ ...httpFields, items: expression, value: expression }).optional(),
  effect: nonEmpty.optional(),
});

const cap = z.strictObject({
  create: request,
  limit: count,
  refused: refused.optional(),
  list: z.strictObject({ ...httpFields, items: expression }).optional(),
});

const retention = z.record(
  nonEmpty,
  z.strictObject({ fill: nonEmpty, count: nonEmpty, erase: nonEmpty.optional(), limit: z.int().min(0), within: duration }),
);

/** What is written by several at once: contexts with versions, documents, limits, idempotency keys. As they are written in a target file. */
export const STATE_FIELDS = {
  context: context.optional(),
  state: state.optional(),
  idempotent: idempotent.optional(),
  cap: cap.optional(),
  retention: retention.optional(),
};

const COMMON = ['agent', 'workspace', 'op', 'name'];

/** The variables that a request of each binding is given. */
export const STATE_VARIABLES: Readonly<Record<keyof StateBindings, readonly string[]>> = {
  context: ['id', 'value', 'base', 'version', ...COMMON],
  state: ['id', 'fields', ...COMMON],
  idempotent: ['id', 'key', 'value', ...COMMON],
  cap: COMMON,
  retention: [],
};

/** Statuses that mean "refused" when a target does not say. */
const CONFLICT = [409, 412];
const FULL = [403, 409, 422, 429];

interface User {
  readonly context?: z.infer<typeof context> | undefined;
  readonly state?: z.infer<typeof state> | undefined;
  readonly idempotent?: z.infer<typeof idempotent> | undefined;
  readonly cap?: z.infer<typeof cap> | undefined;
  readonly retention?: z.infer<typeof retention> | undefined;
}

/** In the model's form. */
export function buildState(user: User, build: Builders): StateBindings {
  return withoutUndefined({
    context: user.context && contextOf(user.context, build),
    state: user.state && stateOf(user.state, build),
    idempotent: user.idempotent && idempotentOf(user.idempotent, build),
    cap:
      user.cap &&
      withoutUndefined({
        create: build.request(user.cap.create),
        limit: user.cap.limit,
        refused: user.cap.refused ?? FULL,
        list: user.cap.list && { http: build.fields(user.cap.list), items: user.cap.list.items },
      }),
    retention: user.retention && Object.fromEntries(Object.entries(user.retention).map(([name, rule]) => [name, ruleOf(rule)])),
  });
}

function createOf(user: z.infer<typeof create>, build: Builders): NonNullable<ContextBinding['create']> {
  return { http: build.fields(user), id: user.id };
}

function contextOf(user: z.infer<typeof context>, build: Builders): ContextBinding {
  return withoutUndefined({
    create: user.create && createOf(user.create, build),
    write: { http: build.fields(user.write), version: user.write.version },
    read: withoutUndefined({
      http: build.fields(user.read),
      version: user.read.version,
      value: user.read.value,
      stalenessMs: durationOf(user.read.staleness),
    }),
    rollback: user.rollback && { http: build.fields(user.rollback), version: user.rollback.version },
    first: user.first ?? 0,
    refused: user.refused ?? CONFLICT,
  });
}

function stateOf(user: z.infer<typeof state>, build: Builders): StateBinding {
  return withoutUndefined({
    create: user.create && createOf(user.create, build),
    patch: build.request(user.patch),
    read: { http: build.fields(user.read), fields: user.read.fields },
  });
}

function idempotentOf(user: z.infer<typeof idempotent>, build: Builders): IdempotentBinding {
  return withoutUndefined({
    create: user.create && createOf(user.create, build),
    send: { http: build.fields(user.send), same: user.send.same },
    read: user.read && { http: build.fields(user.read), items: user.read.items, value: user.read.value },
    effect: user.effect,
  });
}

function ruleOf({ within, ...rule }: z.infer<typeof retention>[string]): RetentionRule {
  return withoutUndefined({ ...rule, withinMs: checked(readDuration(within)) });
}
