import pg from 'pg';
import {
  holdMark,
  inDatabaseOf,
  markedName,
  NotMeasured,
  type OwnThings,
  signature,
  type SuiteRun,
  type Witness,
} from '../../../harness/index.ts';
import { scalar, withPostgres } from '../stores.ts';
import { LEVELS, PERMITTED, type Level, type Probe } from './probe.ts';
import { PROBES } from './probes.ts';
import { NoTransaction, openStage, type Stage } from './stage.ts';

export interface Matrix {
  readonly attempts: readonly { readonly ok: boolean; readonly note: string }[];
  readonly witnesses: readonly Witness[];
}

interface Cell {
  readonly level: Level;
  readonly probe: Probe;
  readonly happened: boolean;
}

/**
 * What transactions through the service's own address and role are kept from, at every level, against what Postgres keeps them from.
 * @param adminUrl the harness's own way in, where there is one: it makes the table for a role that may not.
 * @throws NotMeasured when there is no place for the table, or the database cannot be used for another reason.
 */
export async function isolationMatrix(
  url: string,
  adminUrl: string | null,
  { signal, own }: Pick<SuiteRun, 'signal' | 'own'>,
): Promise<Matrix> {
  await using table = await makeTable({ url, adminUrl, own });
  await using stage = await openStage(url, table.name);
  try {
    return matrixOf(await playAll(stage, signal));
  } catch (error) {
    if (!(error instanceof NoTransaction)) throw error;
    return { attempts: [{ ok: false, note: error.message }], witnesses: [{ source: "the service's own address", saw: error.message }] };
  }
}

async function playAll(stage: Stage, signal: AbortSignal): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const level of LEVELS)
    for (const probe of PROBES) {
      signal.throwIfAborted();
      cells.push({ level, probe, happened: probe.happened(await stage.play(probe, level)) });
    }
  return cells;
}

const isPermitted = ({ level, probe }: Cell): boolean => PERMITTED[level].includes(probe.name);

function matrixOf(cells: readonly Cell[]): Matrix {
  const noteOf = (cell: Cell): string =>
    `${cell.level}: ${cell.probe.name} ${cell.happened ? 'happened' : 'did not happen'}: ${cell.probe.what}`;
  const wrong = cells.filter((cell) => cell.happened && !isPermitted(cell));
  const stricter = cells.filter((cell) => !cell.happened && isPermitted(cell));
  return {
    attempts: cells.filter((cell) => !isPermitted(cell)).map((cell) => ({ ok: !cell.happened, note: noteOf(cell) })),
    witnesses: [
      ...wrong.slice(0, 5).map((cell) => ({ source: "the service's own address", saw: `${noteOf(cell)} (${stepsOf(cell.probe)})` })),
      ...LEVELS.map((level) => ({ source: level, saw: summaryOf(cells.filter((cell) => cell.level === level)) })),
      ...(stricter.length === 0 ? [] : [{ source: 'stricter than Postgres', saw: stricter.map(noteOf).join('; ') }]),
    ],
  };
}

const stepsOf = ({ steps }: Probe): string => steps.map(([number, sql]) => `T${number} ${sql.replaceAll('$t', 'probe')}`).join('; ');

function summaryOf(cells: readonly Cell[]): string {
  const happened = cells.filter((cell) => cell.happened).map(({ probe }) => probe.name);
  return `of ${cells.length} anomalies ${happened.length} happened${happened.length === 0 ? '' : `: ${happened.join(', ')}`}`;
}

interface Table extends AsyncDisposable {
  readonly name: string;
}

interface Place {
  readonly url: string;
  readonly adminUrl: string | null;
  readonly own: OwnThings;
}

const MADE = { what: 'schemas', count: 1, inWorkspace: false };

/** A run that dies with it in hand leaves it to the next run on this server. */
async function makeTable({ url, adminUrl, own }: Place): Promise<Table> {
  const schema = markedName('isolation', own.mark);
  const name = `${schema}.probe`;
  const role = await withPostgres(url, async (client) => pg.escapeIdentifier(String(await scalar(client, 'select current_user'))));
  const maker = adminUrl === null ? url : inDatabaseOf(url, adminUrl);
  const hold = await create(maker, own.mark, [
    `create schema ${schema}`,
    `comment on schema ${schema} is '${signature(own.mark, new Date())}'`,
    `create table ${name} (id int primary key, value int not null)`,
    `grant usage on schema ${schema} to ${role}`,
    `grant all on ${name} to ${role}`,
  ]);
  own.made(MADE);
  const drop = async (): Promise<void> => {
    await using _ = hold;
    await withPostgres(maker, (client) => client.query(`drop schema if exists ${schema} cascade`));
    own.removed(MADE);
  };
  return { name, [Symbol.asyncDispose]: drop };
}

/** The run says that it is alive before it makes anything, and until what it made is gone. */
async function create(maker: string, mark: string, statements: readonly string[]): Promise<AsyncDisposable> {
  let hold: AsyncDisposable | null = null;
  try {
    hold = await holdMark(maker, mark);
    await withPostgres(maker, async (client) => {
      // All of it or nothing: what is made half-way would stay.
      await client.query('begin');
      for (const sql of statements) await client.query(sql);
      await client.query('commit');
    });
    return hold;
  } catch (error) {
    await hold?.[Symbol.asyncDispose]();
    throw new NotMeasured(
      `no table for the probes could be made in the service's database (${error instanceof Error ? error.message : String(error)}): allow the role of \`adminUrl\` to create a schema there`,
    );
  }
}
