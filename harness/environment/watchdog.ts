/**
 * Runs beside the supervisor in a session of its own. When its standard input ends without the word `detach`, the supervisor
 * has died: everything its ledger names is ended and removed. Usage: node watchdog.js <run id> <ledger file>
 */
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import type { Patience } from './clean-up-engines.ts';
import { BRIEF, cleanUpRun } from './clean-up.ts';
import { readLedger } from './ledger-entry.ts';
import { processInfo } from './process-table.ts';

const DETACH = 'detach';
/** Nobody waits for this process: an engine may restart, and one under load may take its time with what it was asked to make. */
const PATIENT: Patience = { ...BRIEF, absentMs: 5_000, quietMs: 600 };

async function main(runId: string, ledgerPath: string): Promise<void> {
  if (existsSync(ledgerPath)) {
    const startTime = processInfo(process.pid)?.startTime ?? '';
    appendFileSync(ledgerPath, `${JSON.stringify({ kind: 'watchdog', pid: process.pid, startTime })}\n`);
  }
  if (await wasDetached()) return;
  const { left, unknown } = await cleanUpRun({ runId, entries: readLedger(ledgerPath) }, PATIENT);
  // What could not be cleaned stays in the ledger: the next run tries again.
  if (left.length === 0 && unknown.length === 0) rmSync(ledgerPath, { force: true });
}

async function wasDetached(): Promise<boolean> {
  process.stdin.setEncoding('utf8');
  let heard = '';
  try {
    for await (const chunk of process.stdin) {
      heard = `${heard}${String(chunk)}`.slice(-DETACH.length - 1);
      if (heard.trim() === DETACH) return true;
    }
  } catch {
    return false; // a broken pipe means the same as its end
  }
  return false;
}

const [runId, ledgerPath] = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined);
if (runId === undefined || ledgerPath === undefined) process.exitCode = 64;
else await main(runId, ledgerPath);
// Standard input may still be open after `detach`; it must not keep this process.
process.stdin.destroy();
