import { randomUUID } from 'node:crypto';
import {
  type Answer,
  type BankAction,
  extract,
  HistoryRecorder,
  NotMeasured,
  type Seen,
  seededRandom,
  type SuiteRun,
  textIn,
} from '../../../harness/index.ts';
import { answered, contend, make, OBSERVER, outcomeOf, type ValueHistory } from './contend.ts';
import { numberOf } from './counter-history.ts';

/** A transfer moves this part of what an account was opened with at most: more of them are possible than refused. */
const MOST_OF_OPENING = 0.1;

type Balances = Readonly<Record<string, number>>;

interface Bank {
  readonly run: SuiteRun;
  readonly workspace: string;
  readonly accounts: readonly string[];
}

export interface BankHistory extends ValueHistory<BankAction> {
  readonly total: number;
}

/** Many agents move amounts between a few accounts, and read all of them at once. */
export async function recordBank(run: SuiteRun, changes: number): Promise<BankHistory> {
  const bank = await openBank(run);
  const { opening, total } = run.target.requireBinding('bank');
  const first = await lookAt(bank);
  const balances = first.balances;
  if (balances === null || Object.keys(balances).length < bank.accounts.length)
    throw new NotMeasured(
      `\`bank.read\` shows ${Object.keys(balances ?? {}).length} of ${bank.accounts.length} accounts with a balance: ${answered(first.answer)}`,
    );
  const random = seededRandom(run.seed);
  const transfers = Array.from({ length: changes }, () => plan(bank.accounts, Math.max(1, opening * MOST_OF_OPENING), random));
  const recorder = new HistoryRecorder<BankAction>(() => run.now());
  const read = async (signal?: AbortSignal): Promise<Seen<BankAction>> => {
    const seen = await lookAt(bank, signal);
    return { outcome: seen.balances === null ? 'unknown' : 'ok', action: { kind: 'read', balances: seen.balances } };
  };
  const fault = await contend(run, {
    recorder,
    changes,
    change: (at, signal) => move(bank, transfers[at % transfers.length] ?? plan(bank.accounts, 1, random), signal),
    read: (_, signal) => read(signal),
  });
  const last = await recorder.record(OBSERVER, () => read());
  if (last.outcome !== 'ok')
    throw new NotMeasured(`the accounts could not be read after ${changes} transfers: what they hold cannot be seen`);
  return { operations: recorder.operations, fault, total: total ?? sumOf(balances) };
}

async function openBank(run: SuiteRun): Promise<Bank> {
  const { create, accounts: count, opening } = run.target.requireBinding('bank');
  const workspace = run.workspace();
  const accounts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `muster-${index}-${randomUUID().slice(0, 8)}`;
    accounts.push((await make(run, create, { workspace, name, amount: opening })).id);
  }
  return { run, workspace, accounts };
}

interface Planned {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

function plan(accounts: readonly string[], most: number, random: () => number): Planned {
  const from = Math.floor(random() * accounts.length);
  const to = (from + 1 + Math.floor(random() * (accounts.length - 1))) % accounts.length;
  return { from: accounts[from] ?? '', to: accounts[to] ?? '', amount: 1 + Math.floor(random() * most) };
}

async function move({ run, workspace }: Bank, planned: Planned, signal: AbortSignal): Promise<Seen<BankAction>> {
  const variables = { workspace, ...planned, name: planned.from, op: randomUUID() };
  const { outcome } = await run.target.request(run.target.requireBinding('bank').transfer, variables, { signal });
  return { outcome: outcomeOf(outcome), action: { kind: 'transfer', ...planned } };
}

interface Look {
  readonly answer: Answer;
  /** null: the answer has no list of accounts. */
  readonly balances: Balances | null;
}

async function lookAt({ run, workspace, accounts }: Bank, signal?: AbortSignal): Promise<Look> {
  const { read } = run.target.requireBinding('bank');
  const answer = await run.target.request(read.http, { workspace, name: '' }, signal === undefined ? {} : { signal });
  const items = answer.outcome === 'ok' ? extract(read.items, answer.json) : undefined;
  if (!Array.isArray(items)) return { answer, balances: null };
  const entries = (items as readonly unknown[]).flatMap((item): readonly (readonly [string, number])[] => {
    const [account, balance] = [textIn(read.account, item), numberOf(textIn(read.balance, item))];
    return account !== null && balance !== null && accounts.includes(account) ? [[account, balance]] : [];
  });
  return { answer, balances: Object.fromEntries(entries) };
}

function sumOf(balances: Balances): number {
  return Object.values(balances).reduce((sum, balance) => sum + balance, 0);
}
