import { check, NotMeasured, scenario, type Observed, type SuiteRun, type Witness } from '../../harness/index.ts';
import { databaseAdmin, withPostgres } from '../support/stores.ts';
import type { Stalls } from '../support/schema/fill.ts';
import { differences, fingerprintOf } from '../support/schema/fingerprint.ts';
import { ignoringTold, sift } from '../support/schema/ignored.ts';
import { climb, descend } from '../support/schema/ladder.ts';
import { makeScratchDatabase } from '../support/schema/scratch-database.ts';
import type { Migrations, Program } from '../support/schema/site.ts';

const LIMIT_MS = 300_000;
/** Programs may be many: each of the migrations is taken back. */
const MOST_SHOWN = 40;

function migrationsOf(run: SuiteRun): Migrations & { readonly up: Program } {
  const { migrations } = run.spec.stores;
  if (migrations?.up === undefined) throw new NotMeasured('the target has no binding `stores.migrations.up`');
  return { ...migrations, up: migrations.up };
}

/** One empty database for all: up, up again, and down and up where the target says how. */
const ladder = scenario(async (run) => {
  const migrations = migrationsOf(run);
  const { url } = await run.service('postgres');
  await using database = await makeScratchDatabase(url, await databaseAdmin(run), run.own);
  const site = { database, migrations, signal: run.signal };
  const climbed = await climb(site, migrations.up);
  const { down, up } = migrations;
  if (down === undefined || climbed.again === null) return { climbed, descent: null };
  const plan = {
    up,
    down,
    top: climbed.again.schema,
    ground: climbed.empty.schema,
    rows: run.sized({ quick: 5_000, full: 100_000 }),
    toTheGround: run.profile !== 'quick',
  };
  return { climbed, descent: await descend(site, plan) };
});

const witness = (saw: string): Witness => ({ source: 'an empty database', saw });

check(
  'database.migrations.up_empty',
  async (run) => {
    const { climbed, window } = await ladder(run);
    const { expect } = migrationsOf(run);
    const { run: ran, head, schema } = climbed.up;
    const attempts = [
      { ok: ran.ok, note: ran.told },
      { ok: head === expect, note: `the head is ${head ?? 'none'} afterwards, expected ${expect}` },
    ];
    const seconds = (ran.durationMs / 1000).toFixed(1);
    return {
      observation: { kind: 'boolean', attempts },
      window,
      witnesses: [...attempts.map(({ note }) => witness(note)), witness(`${schema.size} things of the schema after ${seconds} s`)],
    };
  },
  { limitMs: LIMIT_MS },
);

check(
  'database.migrations.rerun',
  async (run) => {
    const { climbed, window } = await ladder(run);
    const { up, again } = climbed;
    if (again === null) throw new NotMeasured('the migrations could not be applied to an empty database: there is nothing to repeat');
    const changes = differences(up.schema, again.schema);
    const attempts = [
      { ok: again.run.ok, note: `the second time ${again.run.told}` },
      { ok: changes.length === 0, note: changes.length === 0 ? 'it changed nothing' : `it changed ${changes.slice(0, 5).join('; ')}` },
    ];
    return { observation: { kind: 'boolean', attempts }, window, witnesses: attempts.map(({ note }) => witness(note)) };
  },
  { limitMs: LIMIT_MS },
);

check(
  'database.migrations.ladder',
  async (run) => {
    const { descent, window } = await descending(run);
    const { trials, problems, told } = descent;
    return {
      observation: { kind: 'count', trials, count: problems.length, examples: problems.slice(0, 5) },
      window,
      witnesses: [...problems, ...told].slice(0, MOST_SHOWN).map(witness),
    };
  },
  { limitMs: LIMIT_MS },
);

check(
  'database.migrations.lock_stall',
  async (run) => {
    const { descent } = await descending(run);
    const { stalls } = descent;
    if (typeof stalls === 'string') throw new NotMeasured(`what a migration keeps waiting could not be seen: ${stalls}`);
    // Both clocks go alike; only what they count from differs.
    const offsetMs = run.now() - performance.now();
    const window = { startMs: stalls.window.startMs + offsetMs, endMs: stalls.window.endMs + offsetMs };
    return { ...stallsObserved(stalls), window };
  },
  { limitMs: LIMIT_MS },
);

async function descending(run: SuiteRun) {
  const { descent, window } = await ladder(run);
  if (descent === null)
    throw new NotMeasured(
      'the migrations could not be applied to an empty database, or there is no `stores.migrations.down`: nothing was taken back',
    );
  return { descent, window };
}

function stallsObserved({ samples, tables, blockers }: Stalls): Observed {
  const worst = [...samples].toSorted((a, b) => b.ms - a.ms).slice(0, 3);
  return {
    observation: { kind: 'level', unit: 'ms', samples: samples.map(({ ms }) => ms), worst: 'max' },
    witnesses: [
      witness(
        `${samples.length} passes of readers and writers while the newest migration was applied to ${tables.map(({ table, rows }) => `${table} (${rows} rows)`).join(', ')}`,
      ),
      ...worst.map(({ table, work, ms }) => witness(`a ${work} of ${table} waited ${ms.toFixed(1)} ms for its locks`)),
      ...blockers.slice(0, 5).map((query) => ({ source: 'pg_blocking_pids', saw: `kept others waiting: ${query}` })),
    ],
  };
}

check(
  'database.schema.drift',
  async (run) => {
    const { climbed, window } = await ladder(run);
    if (!climbed.up.run.ok)
      throw new NotMeasured('the migrations could not be applied to an empty database: there is nothing to compare with');
    const { ignore = [] } = run.spec.stores.schema ?? {};
    const made = sift(climbed.up.schema, ignore);
    const there = sift(await withPostgres(await databaseAdmin(run), fingerprintOf), ignore);
    const [expected, found] = [made.left, there.left];
    if (expected.size === 0 && ignore.length > 0)
      throw new NotMeasured('`stores.schema.ignore` leaves nothing of what the migrations make: there is nothing to compare');
    const changes = differences(expected, found);
    return {
      observation: {
        kind: 'count',
        trials: new Set([...expected.keys(), ...found.keys()]).size,
        count: changes.length,
        examples: changes.slice(0, 5),
      },
      evidence: 'inspected',
      window,
      witnesses: [
        { source: 'the catalogue', saw: `${found.size} things here, ${expected.size} after the migrations alone` },
        ...[...ignoringTold(made, there), ...changes.slice(0, MOST_SHOWN)].map((saw) => ({ source: 'the catalogue', saw })),
      ],
    };
  },
  { limitMs: LIMIT_MS },
);
