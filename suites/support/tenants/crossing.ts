import { randomInt, randomUUID } from 'node:crypto';
import type { Answer, SuiteRun } from '../../../harness/index.ts';
import { inParallel, MODEST } from '../in-parallel.ts';
import { answered, ask, nameOf, newMarker, type Owned, type Tenant, type Tenants } from './tenants.ts';

/** What is asked of an object by who has it, by who has not, and of one that nobody has. */
export interface Asked {
  readonly own: Pick<Answer, 'outcome' | 'text'>;
  readonly foreign: Pick<Answer, 'outcome' | 'text'>;
  readonly unknown: Pick<Answer, 'outcome'>;
}

export type Crossed = { readonly seen: 'refused' } | { readonly seen: 'crossed'; readonly how: string } | { readonly seen: 'nothing' };

const NOTHING: Crossed = { seen: 'nothing' };
const REFUSED: Crossed = { seen: 'refused' };

/** Whether a read went across. Without the owner's own answer to compare with, or a definite one for the other, nothing is seen. */
export function judgeRead({ own, foreign, unknown }: Asked, marker: string): Crossed {
  if (foreign.text.includes(marker)) return { seen: 'crossed', how: `shows "${marker}", which the owner wrote` };
  if (own.outcome !== 'ok') return NOTHING;
  if (foreign.outcome === 'rejected') return REFUSED;
  if (foreign.outcome !== 'ok') return NOTHING;
  // Some interfaces answer an unknown id with an empty list: then a foreign one may look the same.
  if (unknown.outcome === 'ok') return REFUSED;
  return unknown.outcome === 'rejected' ? { seen: 'crossed', how: 'is accepted, while an id that nobody has is not' } : NOTHING;
}

export interface Changed {
  readonly before: Pick<Answer, 'outcome' | 'text'>;
  readonly foreign: Pick<Answer, 'outcome'>;
  readonly unknown: Pick<Answer, 'outcome'>;
  readonly after: Pick<Answer, 'outcome' | 'text'>;
}

/** Whether a change went across. `written` is the word that the change carried. */
export function judgeChange({ before, foreign, unknown, after }: Changed, written: string): Crossed {
  if (after.text.includes(written)) return { seen: 'crossed', how: `took effect: the owner now reads "${written}"` };
  if (before.outcome === 'ok' && after.outcome === 'rejected')
    return { seen: 'crossed', how: 'took effect: the owner has the object no more' };
  if (before.outcome !== 'ok') return NOTHING;
  if (foreign.outcome === 'rejected') return REFUSED;
  if (foreign.outcome !== 'ok') return NOTHING;
  if (unknown.outcome === 'ok') return REFUSED;
  return unknown.outcome === 'rejected' ? { seen: 'crossed', how: 'is accepted, while for an id that nobody has it is not' } : NOTHING;
}

export interface Crossings {
  readonly trials: number;
  readonly crossed: readonly string[];
  /** Requests without a definite answer. */
  readonly unseen: readonly string[];
}

/** Each tenant asks for everything that the other has, and tries to change it. Reads come first: a change that went through would spoil them. */
export async function crossAll(run: SuiteRun, { a, b }: Tenants): Promise<Crossings> {
  const found = { trials: 0, crossed: [] as string[], unseen: [] as string[] };
  const note = (what: string, crossed: Crossed): void => {
    if (crossed.seen === 'nothing') found.unseen.push(what);
    else found.trials += 1;
    if (crossed.seen === 'crossed') found.crossed.push(`${what} ${crossed.how}`);
  };
  const pairs = [a, b].flatMap((owner) => owner.objects.map((object) => ({ owner, other: owner === a ? b : a, object })));
  const modest = { width: MODEST, signal: run.signal };
  await inParallel(pairs, modest, (pair) => readAcross(run, pair, note));
  await inParallel(pairs, modest, (pair) => changeAcross(run, pair, note));
  return found;
}

interface Pair {
  readonly owner: Tenant;
  readonly other: Tenant;
  readonly object: Owned;
}

type Note = (what: string, crossed: Crossed) => void;

async function readAcross(run: SuiteRun, { owner, other, object: { id, marker } }: Pair, note: Note): Promise<void> {
  for (const request of run.target.requireBinding('tenants').read) {
    const own = await ask(run, owner, request, { id });
    const foreign = await ask(run, other, request, { id });
    const unknown = await ask(run, other, request, { id: idLike(id) });
    // Who is refused the own too is kept from nothing in particular.
    const able = await ask(run, other, request, { id: other.objects[0]?.id ?? '' });
    const seen = judgeRead({ own, foreign, unknown }, marker);
    const what = `${nameOf(request, id)} of tenant ${owner.name}, asked by ${other.name} and answered with ${answered(foreign)},`;
    note(what, seen.seen === 'refused' && able.outcome !== 'ok' ? NOTHING : seen);
  }
}

async function changeAcross(run: SuiteRun, { owner, other, object: { id } }: Pair, note: Note): Promise<void> {
  const { read, change } = run.target.requireBinding('tenants');
  const [look] = read;
  if (look === undefined) return;
  for (const request of change) {
    const marker = newMarker();
    const before = await ask(run, owner, look, { id });
    const foreign = await ask(run, other, request, { id, marker });
    const unknown = await ask(run, other, request, { id: idLike(id), marker });
    const after = await ask(run, owner, look, { id });
    const what = `${nameOf(request, id)} of tenant ${owner.name}, sent by ${other.name} and answered with ${answered(foreign)},`;
    note(what, judgeChange({ before, foreign, unknown, after }, marker));
  }
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const FAR = 900_000_000;
const HEX = 'abcdef';
/** Those that ids are written with where none may be taken for another. */
const LETTERS = 'abcdefghjkmnpqrstvwxyz';

/** An id of the same form that nobody has. */
export function idLike(id: string): string {
  if (UUID.test(id)) return randomUUID();
  if (/^\d{1,9}$/.test(id)) return String(FAR + Number(id.slice(-6)));
  // Long ids begin with what they are, or when they were made: it is checked where they are read.
  const [kept = ''] = /^.*?[a-z\d]{2}(?=[a-z\d]{10,}$)/i.exec(id) ?? [];
  const letters = /^[\da-f-]+$/i.test(id.slice(kept.length)) ? HEX : LETTERS;
  return kept + id.slice(kept.length).replaceAll(/[a-z\d]/gi, (character) => anotherLike(character, letters));
}

/** A digit for a digit, a letter for a letter of the same case. */
function anotherLike(character: string, letters: string): string {
  if (/\d/.test(character)) return String(randomInt(10));
  const letter = letters[randomInt(letters.length)] ?? 'a';
  return character === character.toUpperCase() ? letter.toUpperCase() : letter;
}
