import { applyUnderCanary, type Stalls } from './fill.ts';
import { differences, type Fingerprint } from './fingerprint.ts';
import { stateOf, step, type Program, type Rung, type Site, type State } from './site.ts';

/** Migrations taken back at most: a program that never comes to the first one must come to an end. */
const MOST_RUNGS = 500;
/** Nor may many slow ones take the time that the other checks of the migrations need. */
const DESCENT_MS = 120_000;

export interface Climb {
  /** Before anything was done. */
  readonly empty: State;
  readonly up: Rung;
  /** The same again: nothing is left to do. null when the first time failed. */
  readonly again: Rung | null;
}

/** From nothing to the head, and once more. */
export async function climb(site: Site, up: Program): Promise<Climb> {
  const empty = await stateOf(site);
  const first = await step(site, up);
  return { empty, up: first, again: first.run.ok ? await step(site, up) : null };
}

export interface Descent {
  /** Programs run and schemas compared. */
  readonly trials: number;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
  readonly told: readonly string[];
  readonly stalls: Stalls | string;
}

export interface Descending {
  readonly up: Program;
  readonly down: Program;
  /** What the schema is at the head, and what it was before the first migration. */
  readonly top: Fingerprint;
  readonly ground: Fingerprint;
  /** Rows to fill the tables with, one migration before the head. */
  readonly rows: number;
  /** Whether all are taken back after the newest was. */
  readonly toTheGround: boolean;
}

class Findings {
  readonly problems: string[] = [];
  readonly told: string[] = [];
  trials = 0;

  expect(ok: boolean, problem: string): boolean {
    this.trials++;
    if (!ok) this.problems.push(problem);
    return ok;
  }

  same(expected: Fingerprint, found: Fingerprint, when: string): void {
    const changes = differences(expected, found);
    this.trials++;
    this.problems.push(...changes.map((change) => `${when}: ${change}`));
    this.told.push(`${when}: ${changes.length === 0 ? 'the same schema' : `${changes.length} differences`}`);
  }
}

/** Takes the newest migration back and applies it again, with rows in its tables; then, when asked for, all of them. Where it began it must end. */
export async function descend(site: Site, plan: Descending): Promise<Descent> {
  const findings = new Findings();
  const stalls = await newest(site, plan, findings);
  if (findings.problems.length === 0 && plan.toTheGround) await toTheGround(site, plan, findings);
  const { trials, problems, told } = findings;
  return { trials, problems, told, stalls };
}

async function newest(site: Site, { up, down, top, rows }: Descending, findings: Findings): Promise<Stalls | string> {
  const back = await step(site, down);
  findings.told.push(back.run.told, ...differences(top, back.schema).slice(0, 10));
  if (!findings.expect(back.run.ok, `the newest migration could not be taken back: ${back.run.told}`))
    return 'no migration could be taken back';
  if (!findings.expect(back.head !== site.migrations.expect, `after it was taken back the head was still ${back.head ?? 'none'}`))
    return 'no migration was taken back';
  const { run, stalls } = await applyUnderCanary(site, up, rows);
  findings.told.push(run.told);
  if (findings.expect(run.ok, `the newest migration could not be applied again: ${run.told}`))
    findings.same(top, (await stateOf(site)).schema, 'after up, down and up');
  return stalls;
}

async function toTheGround(site: Site, { up, down, top, ground }: Descending, findings: Findings): Promise<void> {
  const at = await takenBack(site, down, findings);
  if (at === null) return;
  if (at.head === null) {
    const left = withoutBooks(differences(ground, at.schema), site.migrations.head);
    findings.trials++;
    findings.problems.push(...left.map((line) => `left when every migration was taken back: ${line}`));
  }
  const which = at.head === null ? 'all' : `those above ${at.head}`;
  const again = await step(site, up);
  if (findings.expect(again.run.ok, `after ${which} were taken back they could not be applied again: ${again.run.told}`))
    findings.same(top, again.schema, `after ${which} were taken back and applied again`);
}

/** All of them, or as many as there is time for; null when one cannot be. */
async function takenBack(site: Site, down: Program, findings: Findings): Promise<State | null> {
  const endsAtMs = performance.now() + DESCENT_MS;
  let at = await stateOf(site);
  for (let rung = 0; at.head !== null; rung++) {
    if (rung === MOST_RUNGS || performance.now() >= endsAtMs) {
      findings.told.push(`${rung} migrations were taken back, down to ${at.head}; for those below there was no time`);
      return at;
    }
    const below = await step(site, down);
    if (!findings.expect(below.run.ok, `${at.head} could not be taken back: ${below.run.told}`)) return null;
    if (!findings.expect(below.head !== at.head, `after \`down\` the head was still ${at.head}`)) return null;
    at = below;
  }
  return at;
}

/** Without the table in which the program keeps its books: the statement that asks for the head names it. */
export function withoutBooks(lines: readonly string[], headSql: string): readonly string[] {
  const tables = lines.flatMap((line) => /^\+ table [^:]*\.(\w+)/u.exec(line)?.[1] ?? []);
  const books = tables.filter((table) => new RegExp(`\\b${table}\\b`, 'u').test(headSql));
  // Its sequence and its key begin with its name.
  return lines.filter((line) => !books.some((table) => new RegExp(`\\b${table}`, 'u').test(line)));
}
