import { resolve } from 'node:path';
import type { MigrationProgram, Migrations } from '../model/migrations.ts';
import type { TargetStores } from '../model/target.ts';
import { wordsOf } from './build-placement.ts';
import { withoutUndefined } from './build-request.ts';
import type { UserTarget } from './schema.ts';

type UserStores = NonNullable<UserTarget['stores']>;
type UserMigrations = NonNullable<UserStores['migrations']>;

/** Folders are relative to the target file's folder. */
export function buildStores(user: UserTarget['stores'], folder: string): TargetStores {
  const { enums, columns, isolation, migrations, schema, tenants } = user ?? {};
  return {
    tables: user?.tables ?? [],
    ...(enums === undefined ? {} : { enums }),
    ...(columns === undefined ? {} : { columns }),
    ...(isolation === undefined ? {} : { isolation }),
    ...(tenants === undefined ? {} : { tenants: withoutUndefined({ ...tenants, exempt: tenants.exempt ?? {} }) }),
    ...(schema === undefined ? {} : { schema }),
    migrations: migrations === undefined ? null : buildMigrations(migrations, folder),
  };
}

function buildMigrations({ head, expect, up, down, cwd, env, fill }: UserMigrations, folder: string): Migrations {
  const program = (command: string | readonly string[]): MigrationProgram => ({
    command: wordsOf(command),
    cwd: resolve(folder, cwd ?? '.'),
    env: Object.fromEntries(Object.entries(env ?? {}).map(([key, value]) => [key, String(value)])),
  });
  return {
    head,
    expect: String(expect),
    ...(up === undefined ? {} : { up: program(up) }),
    ...(down === undefined ? {} : { down: program(down) }),
    ...(fill === undefined ? {} : { fill }),
  };
}
