import { resolve } from 'node:path';
import type { ComposeFiles, HttpService, PostgresService } from '../model/target.ts';
import type { TlsSettings } from '../model/tls.ts';
import { readSize, splitCommand } from './quantities.ts';
import { checked } from './checked.ts';
import type { UserService, UserTarget } from './schema.ts';

type UserHttp = Extract<UserService, { kind: 'http' }>;
type UserStore = Exclude<UserService, UserHttp>;

export function buildPlacement(user: UserService): Pick<HttpService, 'image' | 'composeService' | 'resources'> {
  const memory = user.resources?.memory;
  return {
    image: user.image ?? null,
    composeService: user.compose ?? null,
    resources: { memoryBytes: memory === undefined ? null : Math.round(checked(readSize(memory))), cpus: user.resources?.cpus ?? null },
  };
}

export function buildStoreAddress(user: UserStore): Pick<PostgresService, 'url' | 'adminUrl'> {
  return { url: user.url ?? null, adminUrl: user.adminUrl ?? null };
}

/** Folders are relative to the target file's folder. */
export function buildHttpPlacement(
  user: UserHttp,
  folder: string,
): Pick<HttpService, 'url' | 'tls' | 'build' | 'containerCommand' | 'containerPort'> {
  const { build, tls } = user;
  return {
    url: user.url ?? null,
    ...(tls !== undefined && { tls: buildTls(tls) }),
    build:
      build === undefined
        ? null
        : {
            context: resolve(folder, build.context),
            dockerfile: build.dockerfile ?? 'Dockerfile',
            stage: build.stage ?? null,
            args: build.args ?? {},
          },
    containerCommand: user.containerCommand === undefined ? null : wordsOf(user.containerCommand),
    containerPort: user.containerPort ?? null,
  };
}

/** Files have been read by now: see `readTlsFiles`. */
function buildTls({ ca, cert, key, serverName }: NonNullable<UserHttp['tls']>): TlsSettings {
  return { ca: ca ?? null, cert: cert ?? null, key: key ?? null, serverName: serverName ?? null };
}

export function buildCompose(user: UserTarget['compose'], folder: string): ComposeFiles | null {
  if (user === undefined) return null;
  const files = typeof user.file === 'string' ? [user.file] : user.file;
  return { files: files.map((file) => resolve(folder, file)), profiles: user.profiles ?? [] };
}

/** An argument vector, whichever way it is written. */
export function wordsOf(command: string | readonly string[]): readonly string[] {
  return typeof command === 'string' ? checked(splitCommand(command)) : command;
}
