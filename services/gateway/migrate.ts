import { SettingError } from '../shared/env.ts';
import { createLog, messageOf } from '../shared/log.ts';
import { runMigrate } from './database/migrate-program.ts';

const EXIT_USAGE = 64;

try {
  await runMigrate(process.argv[2] ?? '', process.env, createLog('migrate'));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof SettingError ? EXIT_USAGE : 1;
}
