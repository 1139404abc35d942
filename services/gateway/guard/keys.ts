import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import { inTransaction } from '../database/pool.ts';
import { hashOf, type KnownKey } from './known-keys.ts';

/** A key as it is shown: never the key itself. */
export interface KeyInfo {
  readonly id: string;
  readonly name: string;
  readonly workspace_id: string | null;
  readonly admin: boolean;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
}

export interface NewKey {
  readonly name: string;
  readonly workspaceId: string | null;
}

export interface Keys {
  /** Every key that is valid now. */
  valid(): Promise<readonly KnownKey[]>;
  /** Newest first. */
  list(): Promise<readonly KeyInfo[]>;
  /** @throws ServiceError already_exists or concurrency_limit (too many keys). */
  create(key: NewKey): Promise<KeyInfo & { readonly key: string }>;
  /** @throws ServiceError not_found, or forbidden for the first key, which is a setting. */
  revoke(id: string): Promise<void>;
  /** Makes the first key what the setting says. */
  ensureAdmin(key: string): Promise<void>;
}

const MAX_KEYS = 1000;
const ADMIN = 'admin';
const COLUMNS = 'id, name, workspace_id, admin, created_at, revoked_at';
/** Any number that no other program uses as a key in this database. */
const LOCK_KEY = 7_301_945;

/** @param changed called after each commit that made or revoked a key. */
export function createKeys(pool: Pool, audit: Audit, changed: () => void): Keys {
  return {
    valid: async () => {
      const { rows } = await pool.query<KnownKey>(
        `select id, name, workspace_id as "workspaceId", admin, key_hash as hash from api_keys where revoked_at is null limit ${MAX_KEYS + 1}`,
      );
      return rows;
    },
    list: async () => (await pool.query<KeyInfo>(`select ${COLUMNS} from api_keys order by created_at desc, id limit ${MAX_KEYS}`)).rows,
    create: async (key) => {
      const made = await create(pool, audit, key);
      changed();
      return made;
    },
    revoke: async (id) => {
      await revoke(pool, audit, id);
      changed();
    },
    ensureAdmin: async (key) => {
      await pool.query(
        `insert into api_keys (name, key_hash, admin) values ($1, $2, true)
         on conflict (name) where revoked_at is null do update set key_hash = excluded.key_hash, admin = true
         where api_keys.key_hash <> excluded.key_hash`,
        [ADMIN, hashOf(key)],
      );
    },
  };
}

async function create(pool: Pool, audit: Audit, { name, workspaceId }: NewKey): Promise<KeyInfo & { readonly key: string }> {
  const key = `mk_${randomBytes(32).toString('base64url')}`;
  const info = await inTransaction(pool, async (sql) => {
    await sql.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    const { rows: counted } = await sql.query<{ valid: number }>('select count(*)::int as valid from api_keys where revoked_at is null');
    if ((counted[0]?.valid ?? 0) >= MAX_KEYS) throw new ServiceError('concurrency_limit', `there are ${MAX_KEYS} valid keys; revoke some`);
    const { rows } = await sql.query<KeyInfo>(
      `insert into api_keys (name, key_hash, workspace_id) values ($1, $2, $3)
       on conflict (name) where revoked_at is null do nothing returning ${COLUMNS}`,
      [name, hashOf(key), workspaceId],
    );
    const [made] = rows;
    if (made === undefined) throw new ServiceError('already_exists', `a valid key has the name "${name}" already`);
    await audit.append(sql, { action: 'api_key.created', workspaceId, subject: made.id, details: { name } });
    return made;
  });
  return { ...info, key };
}

async function revoke(pool: Pool, audit: Audit, id: string): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<KeyInfo>(`select ${COLUMNS} from api_keys where id = $1 for update`, [id]);
    const [key] = rows;
    if (key === undefined) throw new ServiceError('not_found', `no key has the id "${id}"`);
    if (key.admin) throw new ServiceError('forbidden', 'the first key is a setting of the service: change it there');
    if (key.revoked_at !== null) return;
    await sql.query('update api_keys set revoked_at = now() where id = $1', [id]);
    await audit.append(sql, { action: 'api_key.revoked', workspaceId: key.workspace_id, subject: id, details: { name: key.name } });
  });
}
