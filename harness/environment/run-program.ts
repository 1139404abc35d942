import { spawn } from 'node:child_process';
import type { RunAs } from './unprivileged.ts';

export interface ProgramResult {
  /** 0 when all went well; null when it could not be started or was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  /** Standard error, or why it could not be started. */
  readonly stderr: string;
}

/** Runs a short-lived program to its end. Never rejects for what the program does. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: RunAs & { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', (error) => {
      resolve({ code: null, stdout, stderr: error.message });
    });
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}
