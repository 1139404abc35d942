import { z } from 'zod';
import { ISOLATION_LEVELS } from '../model/migrations.ts';
import { ALLOWED_MARK, commandText, nonEmpty } from './leaves.ts';

/** What a migration program is told its database by. */
const DATABASE = '${database}';

const command = z.union([commandText, z.array(z.string()).min(1)]);

export const migrations = z
  .strictObject({
    head: nonEmpty,
    expect: z.union([nonEmpty, z.number()]),
    /** Brings the database `${database}` to the head. */
    up: command.optional(),
    /** Takes back its newest migration. */
    down: command.optional(),
    /** Folder of both programs, and what they get beside PATH and HOME. */
    cwd: nonEmpty.optional(),
    env: z.record(nonEmpty, z.union([z.string(), z.number(), z.boolean()])).optional(),
    /** SQL that puts `${rows}` rows into the tables that the newest migration changes. */
    fill: nonEmpty.optional(),
  })
  .check(({ value, issues }) => {
    for (const key of ['up', 'down'] as const) {
      const program = value[key];
      if (program === undefined || isTold([program, ...Object.values(value.env ?? {})].flat())) continue;
      const problem = `is not told its database, and could work on any${ALLOWED_MARK}${DATABASE} in the command or in env`;
      issues.push({ code: 'custom', input: program, path: [key], message: problem });
    }
  });

const isTold = (texts: readonly unknown[]): boolean => texts.some((text) => String(text).includes(DATABASE));

/** Labels of an enumerated type, columns of a table: by its name, with its schema where that is not on the search path. */
export const names = z.record(nonEmpty, z.array(nonEmpty).min(1));

/** How the database keeps tenants apart. */
export const tenants = z.strictObject({
  column: nonEmpty,
  setting: z
    .string()
    .regex(/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/, `is no setting of one's own${ALLOWED_MARK}a name with a dot, such as app.tenant_id`)
    .optional(),
  exempt: z.record(nonEmpty, nonEmpty).optional(),
});

/** A schema, something in it, or a part of that; something has to be named, or all would be ignored. */
const pattern = z
  .string()
  .regex(
    /^(?=.*[^.*])[^.\s]+(?:\.[^.\s]+){0,2}$/u,
    `names nothing that could be told apart${ALLOWED_MARK}tool, public.events_*, public.tasks.note`,
  );

/** What others than the migrations put into the database. */
export const schemaRules = z.strictObject({ ignore: z.array(pattern).min(1) });

export const isolation = z.enum(ISOLATION_LEVELS);
