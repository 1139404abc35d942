import { MusterError } from '../../../model/errors.ts';
import type { JsonTemplate } from '../../../model/target.ts';
import { partsOf, type Variables } from '../../../model/template.ts';

type Fill = (value: JsonTemplate) => string;
interface Slot {
  readonly name: string;
  readonly fill: Fill;
}
export type Piece = string | Slot;

/** What is known when a template is compiled. */
export interface Known {
  /** The same in every call: filled in once. */
  readonly constants: Variables;
  /** Names of what each call gives. */
  readonly given: readonly string[];
}

/** A template of which only what changes from call to call is left to fill. */
export interface CompiledText {
  /** Names that a call must give. */
  readonly names: readonly string[];
  render(values: Variables): string;
}

/** @param encode for each variable; the text around it stays as it is. */
export function textPieces(template: string, encode: (value: string) => string): readonly Piece[] {
  return partsOf(template).map((part) =>
    typeof part === 'string' ? part : { name: part.name, fill: (value) => encode(scalar(value, part.name)) },
  );
}

/** The JSON text of a template; a text that is one placeholder alone takes the variable's value with its type. */
export function jsonPieces(template: JsonTemplate): readonly Piece[] {
  if (typeof template === 'string') return stringPieces(template);
  if (typeof template !== 'object' || template === null) return [JSON.stringify(template)];
  if (Array.isArray(template)) return ['[', ...joined((template as readonly JsonTemplate[]).map(jsonPieces)), ']'];
  return ['{', ...joined(Object.entries(template).map(([key, value]) => [`${JSON.stringify(key)}:`, ...jsonPieces(value)])), '}'];
}

/** @throws MusterError MUSTER_UNKNOWN_VARIABLE (config) for a placeholder that is neither constant nor given. */
export function compile(pieces: readonly Piece[], { constants, given }: Known): CompiledText {
  const folded: Piece[] = [];
  for (const piece of pieces.map((each) => withConstant(each, constants))) {
    const last = folded.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') folded[folded.length - 1] = last + piece;
    else folded.push(piece);
  }
  const slots = folded.filter((piece) => typeof piece !== 'string');
  for (const { name } of slots) if (!given.includes(name)) throw unknownVariable(name, [...Object.keys(constants), ...given]);
  const [only = ''] = folded;
  const names = slots.map(({ name }) => name);
  if (typeof only === 'string' && folded.length <= 1) return { names, render: () => only };
  return { names, render: (values) => filled(folded, values) };
}

function filled(pieces: readonly Piece[], values: Variables): string {
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : piece.fill(values[piece.name] ?? null);
  return text;
}

function withConstant(piece: Piece, constants: Variables): Piece {
  const value = typeof piece === 'string' || !Object.hasOwn(constants, piece.name) ? undefined : constants[piece.name];
  return typeof piece === 'string' || value === undefined ? piece : piece.fill(value);
}

function stringPieces(template: string): readonly Piece[] {
  const parts = partsOf(template);
  const [first] = parts;
  if (parts.length === 1 && typeof first === 'object') return [{ name: first.name, fill: (value) => JSON.stringify(value) }];
  return ['"', ...textPieces(template, (value) => inner(value)).map((piece) => (typeof piece === 'string' ? inner(piece) : piece)), '"'];
}

/** As it stands between the quotes of a JSON text. */
function inner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function joined(items: readonly (readonly Piece[])[]): readonly Piece[] {
  return items.flatMap((item, index) => (index === 0 ? item : [',', ...item]));
}

function scalar(value: JsonTemplate, name: string): string {
  if (typeof value !== 'object' || value === null) return String(value);
  throw new MusterError(`The variable "${name}" stands within a text, but its value is a list or an object.`, {
    code: 'MUSTER_UNKNOWN_VARIABLE',
    blame: 'config',
    hint: `Write "\${${name}}" alone as a JSON value.`,
  });
}

function unknownVariable(name: string, known: readonly string[]): MusterError {
  return new MusterError(`A binding uses the variable "${name}", which a load does not give it.`, {
    code: 'MUSTER_UNKNOWN_VARIABLE',
    blame: 'config',
    hint: `Use one of: ${known.join(', ')}.`,
  });
}
