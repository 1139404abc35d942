import { z } from 'zod';
import type { BankBinding, CounterBinding, SetBinding, ValueMaker, ValuesBindings } from '../../model/bindings/values.ts';
import { type Builders, withoutUndefined } from '../build-request.ts';
import { durationOf } from '../checked.ts';
import { count, duration, expression } from '../leaves.ts';
import { httpFields, request } from '../schema-request.ts';

/** Reads grow with it, and the history with their sum. */
const DEFAULT_MOST = 60;
/** Few accounts meet often. */
const DEFAULT_ACCOUNTS = 4;
/** Enough to be moved about for long. */
const DEFAULT_OPENING = 100;

const create = z.strictObject({ ...httpFields, id: expression });

const counter = z.strictObject({
  create: create.optional(),
  add: request,
  read: z.strictObject({ ...httpFields, value: expression, staleness: duration.optional() }),
  step: z
    .number()
    .refine((step) => step !== 0, 'must not be 0')
    .optional(),
});

const set = z.strictObject({
  create: create.optional(),
  add: request,
  read: z.strictObject({ ...httpFields, items: expression, value: expression.optional(), staleness: duration.optional() }),
  most: count.min(10).max(1_000).optional(),
});

const bank = z.strictObject({
  create: z.strictObject({ ...httpFields, id: expression.optional() }),
  opening: z.number().min(1).optional(),
  accounts: count.min(2).max(100).optional(),
  total: z.number().optional(),
  transfer: request,
  read: z.strictObject({ ...httpFields, items: expression, account: expression, balance: expression }),
});

/** Values that many change at once, as they are written in a target file. */
export const VALUES_FIELDS = { counter: counter.optional(), set: set.optional(), bank: bank.optional() };

const COMMON = ['agent', 'workspace', 'op', 'name'];

/** The variables that a request of each binding is given. */
export const VALUES_VARIABLES: Readonly<Record<keyof ValuesBindings, readonly string[]>> = {
  counter: ['id', 'amount', ...COMMON],
  set: ['id', 'value', ...COMMON],
  bank: ['from', 'to', 'amount', ...COMMON],
};

interface User {
  readonly counter?: z.infer<typeof counter> | undefined;
  readonly set?: z.infer<typeof set> | undefined;
  readonly bank?: z.infer<typeof bank> | undefined;
}

/** In the model's form. */
export function buildValues(user: User, build: Builders): ValuesBindings {
  return withoutUndefined({
    counter: user.counter && counterOf(user.counter, build),
    set: user.set && setOf(user.set, build),
    bank: user.bank && bankOf(user.bank, build),
  });
}

function makerOf(user: z.infer<typeof create>, build: Builders): ValueMaker {
  return { http: build.fields(user), id: user.id };
}

function counterOf(user: z.infer<typeof counter>, build: Builders): CounterBinding {
  return withoutUndefined({
    create: user.create && makerOf(user.create, build),
    add: build.request(user.add),
    read: { http: build.fields(user.read), value: user.read.value, stalenessMs: durationOf(user.read.staleness) ?? 0 },
    step: user.step ?? 1,
  });
}

function setOf(user: z.infer<typeof set>, build: Builders): SetBinding {
  const { items, value, staleness } = user.read;
  return withoutUndefined({
    create: user.create && makerOf(user.create, build),
    add: build.request(user.add),
    read: withoutUndefined({ http: build.fields(user.read), items, value, stalenessMs: durationOf(staleness) ?? 0 }),
    most: user.most ?? DEFAULT_MOST,
  });
}

function bankOf({ create: make, read, ...user }: z.infer<typeof bank>, build: Builders): BankBinding {
  return {
    create: withoutUndefined({ http: build.fields(make), id: make.id }),
    opening: user.opening ?? DEFAULT_OPENING,
    accounts: user.accounts ?? DEFAULT_ACCOUNTS,
    total: user.total ?? null,
    transfer: build.request(user.transfer),
    read: { http: build.fields(read), items: read.items, account: read.account, balance: read.balance },
  };
}
