import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../model/errors.ts';
import type { Finding } from './finding.ts';
import { entriesOf, valueAt } from './finding.ts';

const PEM = /-----BEGIN [A-Z0-9 ]+-----/u;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;
/** The target is the whole file, or stands in the config under `target`. */
const PLACES: readonly (readonly string[])[] = [[], ['target']];
const PARTS = ['ca', 'cert', 'key'] as const;

export interface TlsFilesRead {
  /** The same with the texts of the files in the place of their paths. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** Private keys. */
  readonly secrets: readonly string[];
}

type Part = (typeof PARTS)[number];

/** A part of `tls` with what it holds; null: that could not be found out. */
interface Held {
  readonly part: Part;
  readonly path: readonly string[];
  readonly text: string | null;
  readonly problem: string | null;
}

/** Reads what `services.<name>.tls` names, once and at the beginning: whoever speaks TLS with a service, wherever it runs, has the same. */
export async function readTlsFiles(root: unknown, folder: string): Promise<TlsFilesRead> {
  const settings = PLACES.flatMap((place) =>
    entriesOf(valueAt(root, [...place, 'services'])).map(([name]) => [...place, 'services', name, 'tls']),
  );
  const read = await Promise.all(settings.map((path) => readSettings(root, path, folder)));
  const held = read.flat();
  const texts = held.flatMap(({ path, text }) => (text === null ? [] : [{ path, text }]));
  return {
    value: texts.reduce((value, { path, text }) => withText(value, path, text), root),
    findings: [
      ...held.flatMap(({ path, problem }) => (problem === null ? [] : [{ path, problem, allowed: ALLOWED, shown: null }])),
      ...read.flatMap(mismatch),
    ],
    secrets: held.flatMap(({ part, text }) => (part === 'key' && text !== null ? [text] : [])),
  };
}

const ALLOWED = 'a text in PEM, or the path of a file with one';

async function readSettings(root: unknown, path: readonly string[], folder: string): Promise<readonly Held[]> {
  const written = PARTS.flatMap((part) => {
    const text = valueAt(root, [...path, part]);
    return typeof text === 'string' && text.trim() !== '' ? [{ part, path: [...path, part], text }] : [];
  });
  return Promise.all(
    written.map(async ({ part, path: at, text }): Promise<Held> => {
      try {
        const pem = PEM.test(text) ? text : await readFile(resolve(folder, text), 'utf8');
        const problem = problemIn(part, pem);
        return { part, path: at, text: problem === null ? withoutOthers(part, pem) : null, problem };
      } catch (error) {
        return { part, path: at, text: null, problem: `cannot be read: ${part === 'key' ? codeOf(error) : messageOf(error)}` };
      }
    }),
  );
}

/** A file of certificates may hold a private key as well: only where a key is asked for is it kept, as a secret. */
function withoutOthers(part: Part, pem: string): string {
  return part === 'key' || !pem.includes('PRIVATE KEY-----') ? pem : `${(pem.match(CERTIFICATE) ?? []).join('\n')}\n`;
}

/** Without the path: what was meant as the key itself may have been taken for one. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no file, and no text in PEM';
}

function problemIn(part: Part, pem: string): string | null {
  try {
    if (part === 'key') createPrivateKey(pem);
    else {
      const found = pem.match(CERTIFICATE) ?? [];
      for (const certificate of found) void new X509Certificate(certificate);
      if (found.length === 0) return 'holds no certificate';
    }
    return null;
  } catch (error) {
    if (part !== 'key') return `holds a certificate that cannot be read: ${messageOf(error)}`;
    return `holds no private key that can be used without a password: ${messageOf(error)}`;
  }
}

/** A certificate is of use only with its own key. */
function mismatch(held: readonly Held[]): readonly Finding[] {
  const [cert, key] = (['cert', 'key'] as const).map((part) => held.find((one) => one.part === part));
  const [given, missing] = cert === undefined ? [key, 'cert'] : [cert, 'key'];
  if (given === undefined) return [];
  if (cert === undefined || key === undefined)
    return [{ path: given.path, problem: `is given without \`tls.${missing}\``, allowed: 'both, or neither', shown: null }];
  const [leaf] = cert.text?.match(CERTIFICATE) ?? [];
  if (leaf === undefined || key.text === null || new X509Certificate(leaf).checkPrivateKey(createPrivateKey(key.text))) return [];
  return [{ path: key.path, problem: 'is not the key of `tls.cert`', allowed: 'the key that the certificate was made for', shown: null }];
}

/** A copy in which one text is another. */
function withText(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text;
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [key]: withText(valueAt(value, [key]), rest, text) };
}
