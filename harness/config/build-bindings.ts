import { DEFAULT_REPEATS, type EconomyBinding, type Sample } from '../model/economy.ts';
import type { UncertainRule } from '../model/bindings/operation.ts';
import type { Bindings, ClassesBinding, ExecuteBinding, StreamBinding } from '../model/target.ts';
import { checked, durationOf } from './checked.ts';
import { readDuration } from './quantities.ts';
import { builders, type Builders, withoutUndefined } from './build-request.ts';
import { buildState } from './bindings/state.ts';
import { buildWork } from './bindings/work.ts';
import { buildApi } from './bindings/api.ts';
import { buildLists } from './bindings/lists.ts';
import { buildTenants } from './bindings/tenants.ts';
import { buildVector } from './bindings/vector.ts';
import { buildPool } from './bindings/pool.ts';
import { buildCache } from './bindings/cache.ts';
import { buildValues } from './bindings/values.ts';
import { buildWorkspace } from './bindings/workspace.ts';
import type { UserBindings } from './schema-bindings.ts';

/** Statuses that mean "refused" when a target does not say. */
const DEFAULT_REFUSED = [400, 403, 409, 422];

/** The bindings in the model's form; requests without a service go to `firstHttp`. */
export function buildBindings(user: UserBindings, firstHttp: string): Bindings {
  const build = builders(firstHttp);
  return withoutUndefined({
    execute: user.execute && executeOf(user.execute, build),
    operation: user.operation && operationOf(user.operation, build),
    register: user.register && registerOf(user.register, build),
    transitions: user.transitions && transitionsOf(user.transitions, build),
    events: user.events && eventsOf(user.events, build),
    mcp: user.mcp && { ws: build.ws(user.mcp), welcome: user.mcp.welcome ?? null, call: user.mcp.call },
    stream: user.stream && streamOf(user.stream, build),
    health: user.health && { http: build.fields(user.health), healthy: user.health.healthy },
    classes: user.classes && classesOf(user.classes, build),
    ...buildSpending(user, build),
    ...buildState(user, build),
    ...buildWork(user, build),
    ...buildApi(user, build),
    ...buildLists(user, build),
    ...buildTenants(user, build),
    ...buildVector(user, build),
    ...buildPool(user, build),
    ...buildCache(user, build),
    ...buildValues(user, build),
    ...buildWorkspace(user, build),
  });
}

/** What tokens are counted and saved by. */
function buildSpending(user: UserBindings, build: Builders): Pick<Bindings, 'meter' | 'economy'> {
  return withoutUndefined({
    meter: user.meter && meterOf(user.meter, build),
    economy: user.economy && economyOf(user.economy, build),
  });
}

function streamOf({ settles, ...user }: NonNullable<UserBindings['stream']>, build: Builders): StreamBinding {
  const settlesMs = settles === undefined ? undefined : checked(readDuration(settles));
  return withoutUndefined({ ...user, add: build.request(user.add), settlesMs });
}

function executeOf(user: NonNullable<UserBindings['execute']>, build: Builders): ExecuteBinding {
  const { stages, ...outcome } = user.outcome;
  const rules = Object.entries(stages ?? {}).map(([name, stage]) => [
    name,
    typeof stage === 'string' ? { ms: stage, text: null } : { ms: stage.ms, text: stage.text ?? null },
  ]);
  return {
    http: build.fields(user),
    outcome: withoutUndefined({ ...outcome, stages: stages && (Object.fromEntries(rules) as ExecuteBinding['outcome']['stages']) }),
  };
}

function economyOf(user: NonNullable<UserBindings['economy']>, build: Builders): EconomyBinding {
  const { baseline, type, repeats = DEFAULT_REPEATS, types, sizes, context, prices } = user;
  return withoutUndefined({
    baseline: baseline && build.fields(baseline),
    type,
    repeats,
    types: types && samplesOf(types),
    sizes: sizes && samplesOf(sizes),
    context: context && sampleOf(context),
    prices: prices && withoutUndefined({ ...prices, currency: prices.currency ?? 'USD' }),
  });
}

type UserSample = NonNullable<NonNullable<UserBindings['economy']>['context']>;

function sampleOf({ texts, body = {} }: UserSample): Sample {
  return { texts, body };
}

function samplesOf(user: Readonly<Record<string, UserSample>>): Readonly<Record<string, Sample>> {
  return Object.fromEntries(Object.entries(user).map(([name, sample]) => [name, sampleOf(sample)]));
}

function meterOf(user: NonNullable<UserBindings['meter']>, build: Builders): NonNullable<Bindings['meter']> {
  return withoutUndefined({ http: build.fields(user), tokens: user.tokens, prompt: user.prompt, completion: user.completion });
}

function classesOf(user: NonNullable<UserBindings['classes']>, build: Builders): ClassesBinding {
  return Object.fromEntries(Object.entries(user).map(([name, rule]) => [name, { http: build.fields(rule), ok: rule.ok }]));
}

function transitionsOf(user: NonNullable<UserBindings['transitions']>, build: Builders): NonNullable<Bindings['transitions']> {
  return withoutUndefined({
    create: { http: build.fields(user.create), id: user.create.id },
    read: withoutUndefined({ http: build.fields(user.read), state: user.read.state, stalenessMs: durationOf(user.read.staleness) }),
    move: build.request(user.move),
    refused: user.refused ?? DEFAULT_REFUSED,
    table: user.table,
    trace: user.trace,
    chain: user.chain,
  });
}

function operationOf(user: NonNullable<UserBindings['operation']>, build: Builders): NonNullable<Bindings['operation']> {
  return withoutUndefined({
    create: build.request(user.create),
    poll: build.request(user.poll),
    id: user.id,
    state: user.state,
    end: user.end,
    success: user.success,
    kinds: user.kinds ?? ['default'],
    effect: user.effect,
    events: user.events && toldBy(user.events, build),
    uncertain: user.uncertain && uncertainOf(user.uncertain, build),
    parallel: build.optional(user.parallel),
  });
}

type UserOperation = NonNullable<UserBindings['operation']>;

function toldBy(user: NonNullable<UserOperation['events']>, build: Builders): NonNullable<Bindings['events']> {
  return { ws: build.ws(user), type: user.type, appended: user.changed, key: user.id, value: user.state };
}

function uncertainOf({ create, waiting, human, listed }: NonNullable<UserOperation['uncertain']>, build: Builders): UncertainRule {
  return withoutUndefined({
    create: build.request(create),
    waiting,
    human,
    listed: listed && { http: build.fields(listed), items: listed.items, id: listed.id },
  });
}

function registerOf(user: NonNullable<UserBindings['register']>, build: Builders): NonNullable<Bindings['register']> {
  return withoutUndefined({
    create: user.create && { http: build.fields(user.create), key: user.create.key },
    append: build.request(user.append),
    read: withoutUndefined({
      http: build.fields(user.read),
      items: user.read.items,
      value: user.read.value,
      stalenessMs: durationOf(user.read.staleness),
    }),
    stored: user.stored,
  });
}

function eventsOf(user: NonNullable<UserBindings['events']>, build: Builders): NonNullable<Bindings['events']> {
  const { type, appended, key, value, fields, sequence } = user;
  return withoutUndefined({ ws: build.ws(user), type, appended, key, value, fields, sequence });
}
