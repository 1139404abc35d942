import { rm } from 'node:fs/promises';
import { dataDirectory, ownDirectory, TEMPLATE } from './postgres-data.ts';

/** Before the first test of a run: one data directory that every store of the run begins as a copy of. */
export async function setup(): Promise<() => Promise<void>> {
  const directory = await ownDirectory('agents-pg-template-');
  process.env[TEMPLATE] = await dataDirectory(directory);
  return async () => {
    delete process.env[TEMPLATE];
    await rm(directory, { recursive: true, force: true });
  };
}
