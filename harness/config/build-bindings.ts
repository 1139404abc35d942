import { DEFAULT_REPEATS, type EconomyBinding, type Sample } from '../model/economy.ts';
import type { Bindings, ClassesBinding, ExecuteBinding, HttpTemplate, JsonTemplate, WsTemplate } from '../model/target.ts';
import { checked } from './checked.ts';
import { readDuration, readHttpLine } from './quantities.ts';
import type { UserBindings, UserRequest } from './schema-bindings.ts';

interface UserHttpFields {
  readonly http: string;
  readonly service?: string | undefined;
  readonly body?: JsonTemplate | undefined;
  readonly headers?: Readonly<Record<string, string | number | boolean>> | undefined;
}

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
    stream: user.stream && { ...user.stream, add: build.request(user.stream.add) },
    health: user.health && { http: build.fields(user.health), healthy: user.health.healthy },
    classes: user.classes && classesOf(user.classes, build),
    ...buildSpending(user, build),
  });
}

/** What tokens are counted and saved by. */
function buildSpending(user: UserBindings, build: Builders): Pick<Bindings, 'meter' | 'economy'> {
  return withoutUndefined({
    meter: user.meter && meterOf(user.meter, build),
    economy: user.economy && economyOf(user.economy, build),
  });
}

type Builders = ReturnType<typeof builders>;

function builders(firstHttp: string) {
  const fields = (user: UserHttpFields): HttpTemplate => {
    const line = readHttpLine(user.http);
    if (!line.ok) throw new TypeError(`a request passed the schema but not its reader: ${line.problem}`);
    return {
      ...line.value,
      service: user.service ?? firstHttp,
      body: user.body ?? null,
      headers: textHeaders(user.headers),
    };
  };
  return {
    fields,
    request: (user: UserRequest): HttpTemplate => fields(typeof user === 'string' ? { http: user } : user),
    ws: (user: {
      readonly ws: string;
      readonly service?: string | undefined;
      readonly headers?: UserHttpFields['headers'];
    }): WsTemplate => ({
      path: user.ws,
      service: user.service ?? firstHttp,
      headers: textHeaders(user.headers),
    }),
  };
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
  return {
    create: { http: build.fields(user.create), id: user.create.id },
    read: { http: build.fields(user.read), state: user.read.state },
    move: build.request(user.move),
    refused: user.refused ?? DEFAULT_REFUSED,
    table: user.table,
  };
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
      stalenessMs: user.read.staleness === undefined ? undefined : checked(readDuration(user.read.staleness)),
    }),
    stored: user.stored,
  });
}

function eventsOf(user: NonNullable<UserBindings['events']>, build: Builders): NonNullable<Bindings['events']> {
  return { ws: build.ws(user), type: user.type, appended: user.appended, key: user.key, value: user.value };
}

function textHeaders(headers: UserHttpFields['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([key, value]) => [key, String(value)]));
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out keys whose value is undefined, as `exactOptionalPropertyTypes` demands. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
