import { readFileSync } from 'node:fs';

/** Whom to run as; empty for "as ourselves". */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

const NOBODY_ON_LINUX = { uid: 65_534, gid: 65_534 };

/** Postgres refuses to run as root: as root it becomes `nobody`, who exists everywhere. */
export function unprivilegedUser(): RunAs {
  if (process.getuid?.() !== 0) return {};
  return parseNobody(readFileSync('/etc/passwd', 'utf8')) ?? NOBODY_ON_LINUX;
}

export function parseNobody(passwd: string): Required<RunAs> | null {
  const [, uid, gid] = /^nobody:[^:]*:(-?\d+):(-?\d+):/m.exec(passwd) ?? [];
  // macOS writes -2; the kernel wants the unsigned form.
  return uid === undefined || gid === undefined ? null : { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}
