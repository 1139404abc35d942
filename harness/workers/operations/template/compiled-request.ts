import type { HttpTemplate } from '../../../model/target.ts';
import { encodeHeaderPart, encodePathPart, type Variables } from '../../../model/template.ts';
import { headerBlock, type HeaderBlock, type LoadRequest } from '../../../target/index.ts';
import { compile, type CompiledText, jsonPieces, type Known, textPieces } from './compiled-text.ts';

/** An HTTP template of which all that is the same in every call is written out. */
export interface CompiledRequest {
  readonly service: string;
  /** Whether a call must give this variable. */
  needs(name: string): boolean;
  render(values: Variables): LoadRequest;
}

/**
 * @param base URL of the service: its path comes first, its credentials become basic authorisation.
 * @throws MusterError (config) for unknown variables and for headers that HTTP cannot carry.
 */
export function compileRequest(template: HttpTemplate, base: string, known: Known): CompiledRequest {
  const url = new URL(base);
  const path = compile([url.pathname.replace(/\/$/, ''), ...textPieces(template.path, encodePathPart)], known);
  const body = template.body === null ? null : compile(jsonPieces(template.body), known);
  const headers = compileHeaders(template, url, known);
  const names = new Set([...path.names, ...(body?.names ?? []), ...headers.names]);
  const { method, service } = template;
  return {
    service,
    needs: (name) => names.has(name),
    render: (values) => ({
      method,
      path: path.render(values),
      headers: headers.render(values),
      body: body === null ? null : body.render(values),
    }),
  };
}

interface CompiledHeaders {
  readonly names: readonly string[];
  render(values: Variables): HeaderBlock;
}

function compileHeaders({ headers, body }: HttpTemplate, url: URL, known: Known): CompiledHeaders {
  const written = Object.entries(headers).map(
    ([name, value]) => [name.toLowerCase(), compile(textPieces(value, encodeHeaderPart), known)] as const,
  );
  const fixed = headerBlock(
    Object.fromEntries([
      ['user-agent', 'muster'],
      ['accept', 'application/json'],
      ...basicAuth(url),
      ...(body === null ? [] : [['content-type', 'application/json'] as const]),
      ...written.flatMap(([name, text]) => (text.names.length === 0 ? [[name, text.render({})] as const] : [])),
    ]),
  );
  const varying = written.filter(([, text]) => text.names.length > 0);
  if (varying.length === 0) return { names: [], render: () => fixed };
  // Checks the names; the values are encoded to what a header can carry.
  headerBlock(Object.fromEntries(varying.map(([name]) => [name, ''])));
  const kept = headerBlock(
    Object.fromEntries(Object.entries(fixed.entries).filter(([name]) => !varying.some(([other]) => other === name))),
  );
  return { names: varying.flatMap(([, text]) => text.names), render: (values) => new FilledHeaders(kept, varying, values) };
}

class FilledHeaders implements HeaderBlock {
  readonly text: string;
  readonly ascii: boolean;
  readonly #fixed: HeaderBlock;
  readonly #values: readonly (readonly [string, string])[];

  constructor(fixed: HeaderBlock, varying: readonly (readonly [string, CompiledText])[], values: Variables) {
    this.#fixed = fixed;
    this.#values = varying.map(([name, text]) => [name, text.render(values)]);
    this.ascii = fixed.ascii;
    this.text = this.#values.reduce((text, [name, value]) => `${text}${name}: ${value}\r\n`, fixed.text);
  }

  get entries(): Readonly<Record<string, string>> {
    return { ...this.#fixed.entries, ...Object.fromEntries(this.#values) };
  }
}

/** What a browser would send for `https://user:password@host`; a header of the binding replaces it. */
function basicAuth({ username, password }: URL): readonly (readonly [string, string])[] {
  if (username === '' && password === '') return [];
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return [['authorization', `Basic ${Buffer.from(pair).toString('base64')}`]];
}
