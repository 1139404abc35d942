import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { monotonicMs } from '../../model/clock.ts';
import { messageOf } from '../../model/errors.ts';
import { sanitiseLine } from '../sanitise.ts';
import { type Engine, engineAt } from './engine.ts';
import { type EngineResource, findRunResources, type ResourceKind } from './engine-resources.ts';
import { mayBeLeft } from './labels.ts';

/** Nothing may show up for this long: a create may still be under way in the engine when its caller has died. */
const QUIET_MS = 250;
/** An engine that does not answer is asked again for this long: it may just be restarting. */
const ABSENT_MS = 3_000;
/** What is refused this long while no container of the run is left is held by somebody else. */
const STUCK_MS = 500;
const REQUEST_MS = 5_000;
const PAUSE_MS = 60;

/** A network or a volume can go only after the containers that use it, an image last. */
const ORDER: readonly (readonly ResourceKind[])[] = [['container'], ['network', 'volume'], ['image']];

export interface RemovalLimits {
  /** Milliseconds after which it gives up. */
  readonly deadlineMs: number;
  /** Milliseconds for which nothing of the run may show up. */
  readonly quietMs?: number;
  /** Milliseconds after which an engine that does not answer is given up. */
  readonly absentMs?: number;
}

export interface Removal {
  /** What was removed, in words. */
  readonly done: readonly string[];
  /** What could not be removed, in words; empty when nothing of the run is on the engine. */
  readonly left: readonly string[];
  /** The engine does not answer: `left` says what nobody could look at. */
  readonly absent: boolean;
}

/**
 * Removes everything on the engine that carries the run's label or belongs to its compose project, whatever its state. Networks
 * and volumes that somebody else uses stay and are named. Never rejects for what it cannot remove: that is in `left`.
 */
export async function removeRunResources(engine: Engine, runId: string, limits: RemovalLimits): Promise<Removal> {
  const { docker } = engineAt(engine.address, { timeout: Math.min(REQUEST_MS, limits.deadlineMs) });
  const done = new Set<string>();
  const since: Since = { start: monotonicMs(), progress: monotonicMs(), quiet: Number.NaN, absent: Number.NaN };
  for (;;) {
    const round = await cleanOnce(docker, runId);
    for (const words of round.removed) done.add(`removed ${words}`);
    if (isOver(round, since, limits)) {
      const left = round.absent === null ? round.left : [mayBeLeft(engine.address, runId, round.absent)];
      return { done: [...done], left, absent: round.absent !== null };
    }
    await delay(PAUSE_MS);
  }
}

/** Since when something lasts; NaN when it does not, and then no comparison with it is true. */
interface Since {
  readonly start: number;
  progress: number;
  quiet: number;
  absent: number;
}

function isOver(round: Round, since: Since, { deadlineMs, quietMs = QUIET_MS, absentMs = ABSENT_MS }: RemovalLimits): boolean {
  const nowMs = monotonicMs();
  if (round.removed.length > 0) since.progress = nowMs;
  since.quiet = round.clean ? earliest(since.quiet, nowMs) : Number.NaN;
  since.absent = round.absent === null ? Number.NaN : earliest(since.absent, nowMs);
  return (
    nowMs - since.start >= deadlineMs ||
    nowMs - since.quiet >= quietMs ||
    nowMs - since.absent >= absentMs ||
    (round.refusedForGood && nowMs - since.progress >= STUCK_MS)
  );
}

/** What of the run is on the engine, in words; empty when nothing is. Never rejects: an engine that does not answer is a sentence. */
export async function runResources(engine: Engine, runId: string): Promise<readonly string[]> {
  try {
    const { docker } = engineAt(engine.address, { timeout: REQUEST_MS });
    return (await findRunResources(docker, runId)).map(describe);
  } catch (error) {
    return [mayBeLeft(engine.address, runId, reasonOf(error))];
  }
}

interface Round {
  readonly removed: readonly string[];
  readonly left: readonly string[];
  /** Nothing of the run was there. */
  readonly clean: boolean;
  /** No container of the run is left, and everything else was refused. */
  readonly refusedForGood: boolean;
  /** Why the engine did not answer. */
  readonly absent: string | null;
}

type Outcome = 'removed' | 'gone' | 'under way' | { readonly refused: string };

async function cleanOnce(docker: Docker, runId: string): Promise<Round> {
  try {
    const found = await findRunResources(docker, runId);
    const outcomes = new Map<EngineResource, Outcome>();
    for (const kinds of ORDER) {
      const now = found.filter(({ kind }) => kinds.includes(kind));
      await Promise.all(now.map(async (resource) => outcomes.set(resource, await remove(docker, resource))));
    }
    return summary(outcomes);
  } catch (error) {
    return { removed: [], left: [], clean: false, refusedForGood: false, absent: reasonOf(error) };
  }
}

function summary(outcomes: ReadonlyMap<EngineResource, Outcome>): Round {
  const rows = [...outcomes];
  const kept = rows.filter(([, outcome]) => outcome === 'under way' || typeof outcome === 'object');
  return {
    removed: rows.flatMap(([resource, outcome]) => (outcome === 'removed' ? [describe(resource)] : [])),
    left: kept.map(([resource, outcome]) =>
      typeof outcome === 'object' ? `${describe(resource)}: ${outcome.refused}` : describe(resource),
    ),
    clean: rows.length === 0,
    refusedForGood: kept.length > 0 && kept.every(([{ kind }, outcome]) => kind !== 'container' && typeof outcome === 'object'),
    absent: null,
  };
}

/** @throws the error of an engine that does not answer. */
async function remove(docker: Docker, resource: EngineResource): Promise<Outcome> {
  try {
    await removeNow(docker, resource);
    return 'removed';
  } catch (error) {
    const status = statusOf(error);
    if (status === null) throw error;
    if (status === 404) return 'gone';
    if (status === 409 && /already in progress/u.test(messageOf(error))) return 'under way';
    return { refused: await refusalOf(docker, resource, error) };
  }
}

async function removeNow(docker: Docker, { kind, ref, paused }: EngineResource): Promise<void> {
  if (kind === 'network') return void (await docker.getNetwork(ref).remove());
  if (kind === 'volume') return void (await docker.getVolume(ref).remove());
  if (kind === 'image') return void (await docker.getImage(ref).remove());
  const container = docker.getContainer(ref);
  if (paused) await thaw(container);
  await container.remove({ force: true, v: true });
}

/** It may have been thawed, or have ended, in the meantime; removing it tells the rest. */
async function thaw(container: Docker.Container): Promise<void> {
  try {
    await container.unpause();
  } catch (error) {
    if (statusOf(error) === null) throw error;
  }
}

/** The engine says only that a network is in use; who uses it is worth a question. */
async function refusalOf(docker: Docker, { kind, ref }: EngineResource, error: unknown): Promise<string> {
  const users = kind === 'network' ? await usersOf(docker.getNetwork(ref)) : [];
  return users.length > 0 ? `in use by ${users.join(', ')}, which is not of this run` : sanitiseLine(messageOf(error), []);
}

async function usersOf(network: Docker.Network): Promise<string[]> {
  try {
    const { Containers }: Docker.NetworkInspectInfo = await network.inspect();
    return Object.values(Containers ?? {}).map(({ Name }) => `container "${sanitiseLine(Name, [])}"`);
  } catch (error) {
    if (statusOf(error) === null) throw error;
    return [];
  }
}

function describe({ kind, name }: EngineResource): string {
  return `${kind} "${sanitiseLine(name, [])}"`;
}

/** null when the error is not an answer of the engine. */
function statusOf(error: unknown): number | null {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return sanitiseLine(typeof code === 'string' ? code : messageOf(error), []);
}

function earliest(sinceMs: number, nowMs: number): number {
  return Number.isNaN(sinceMs) ? nowMs : sinceMs;
}
