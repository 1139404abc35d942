import { readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { messageOf } from '../model/errors.ts';
import { type ConfigContext, syntaxError } from './script-context.ts';

export const SCRIPT_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

/** Value of a config script's default export; a function is called with `{ env, profile }`. */
export async function loadScript(file: string, label: string, context: ConfigContext): Promise<unknown> {
  try {
    return extname(file).endsWith('ts') ? await throughVite(file, context) : await natively(file, context);
  } catch (error) {
    throw await scriptError(error, file, label);
  }
}

async function natively(file: string, context: ConfigContext): Promise<unknown> {
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const exported = module['default'];
  return typeof exported === 'function' ? await (exported as (given: ConfigContext) => unknown)(context) : exported;
}

/** vite's `runner` evaluates in memory; its `bundle` would leave a file beside the config when the process is killed. */
async function throughVite(file: string, context: ConfigContext): Promise<unknown> {
  const { loadConfigFromFile } = await import('vite');
  const given = { command: 'build', mode: context.profile, ...context } as const;
  const loaded = await loadConfigFromFile(given, file, dirname(file), 'silent', undefined, 'runner');
  return loaded?.config;
}

async function scriptError(error: unknown, file: string, label: string): Promise<Error> {
  const place = placeOf(error);
  if (place === null) return syntaxError(label, stripVTControlCharacters(messageOf(error)).split('\n')[0] ?? '', error);
  const [line = ''] = (await readFile(file, 'utf8')).split('\n').slice(place.line - 1);
  const gutter = `  ${place.line} | `;
  const frame = `${gutter}${line}\n${' '.repeat(gutter.length + place.column)}^`;
  return syntaxError(`${label}:${place.line}:${place.column + 1}`, `${place.problem}\n${frame}`, error);
}

interface Place {
  readonly line: number;
  /** 0-based. */
  readonly column: number;
  readonly problem: string;
}

/** Position in a parse error of vite's bundler: `error.errors[0].loc`. */
function placeOf(error: unknown): Place | null {
  const first = listAt(error, 'errors')[0];
  if (typeof first !== 'object' || first === null || !('loc' in first) || typeof first.loc !== 'object' || first.loc === null) return null;
  const { line, column } = first.loc as Readonly<Record<string, unknown>>;
  if (typeof line !== 'number' || typeof column !== 'number') return null;
  const [problem = ''] = stripVTControlCharacters(messageOf(first)).split('\n');
  return { line, column, problem: problem.replace(/^\[\w+\]\s*/, '') };
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const found: unknown = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  return Array.isArray(found) ? found : [];
}
