import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openScratchEngine, type ScratchEngine } from '../testing/scratch-engine.ts';
import { removeRunResources, runResources } from './engine-clean-up.ts';
import { CACHE_LABEL, COMPOSE_PROJECT_LABEL, composeProject, RUN_LABEL } from './labels.ts';

let scratch: ScratchEngine;
beforeEach(async () => {
  scratch = await openScratchEngine();
});
afterEach(() => scratch[Symbol.asyncDispose]());

const LIMITS = { deadlineMs: 10_000 };

/** Names of the volumes that nobody named. */
async function anonymousVolumes(container: string): Promise<string[]> {
  const { Mounts } = await scratch.engine.docker.getContainer(container).inspect();
  return Mounts.flatMap(({ Name }) => Name ?? []);
}

describe('removeRunResources', () => {
  it('removes containers in any state, networks, volumes and the images of the run', async () => {
    const { engine, runId } = scratch;
    const own = { [RUN_LABEL]: runId };
    const network = await scratch.network(own);
    const volume = await scratch.volume(own);
    const image = await scratch.image(own, `scratch:${runId}`);
    const untagged = await scratch.image(own, null);
    const running = await scratch.container(own, { NetworkMode: network, Binds: [`${volume}:/keep`] });
    const paused = await scratch.container(own);
    await engine.docker.getContainer(paused).pause();
    const restarting = await scratch.container(own, { RestartPolicy: { Name: 'always' } });
    await engine.docker.getContainer(restarting).kill({ signal: 'SIGKILL' });
    const stopped = await scratch.container(own);
    await engine.docker.getContainer(stopped).kill({ signal: 'SIGKILL' });
    const composed = await scratch.container({ [COMPOSE_PROJECT_LABEL]: composeProject(runId) });
    const anonymous = (await Promise.all([running, paused, composed].map(anonymousVolumes))).flat().filter((name) => name !== volume);
    expect(anonymous).toHaveLength(3);
    const all = [network, volume, image, untagged, running, paused, restarting, stopped, composed, ...anonymous];
    expect(await scratch.existing(all)).toEqual(all);
    expect((await runResources(engine, runId)).toSorted()).toEqual(
      [
        ...[running, paused, restarting, stopped, composed].map((name) => `container "${name}"`),
        `image "${image}"`,
        `image "${untagged}"`,
        `network "${network}"`,
        `volume "${volume}"`,
      ].toSorted(),
    );

    const { done, left } = await removeRunResources(engine, runId, LIMITS);

    expect(left).toEqual([]);
    expect(done).toContain(`removed container "${paused}"`);
    expect(await scratch.existing(all)).toEqual([]);
    expect(await runResources(engine, runId)).toEqual([]);
  });

  it('touches nothing that is not of this run', async () => {
    const { engine, runId } = scratch;
    const other = { [RUN_LABEL]: `${runId}0`, [COMPOSE_PROJECT_LABEL]: composeProject(runId) };
    const survivors = [
      await scratch.container(other),
      await scratch.container({}),
      await scratch.network({ [RUN_LABEL]: runId.slice(0, -1) }),
      await scratch.volume({ [RUN_LABEL]: `${runId}0` }),
      await scratch.volume({ [COMPOSE_PROJECT_LABEL]: `${composeProject(runId)}-2` }),
      await scratch.image({ [CACHE_LABEL]: 'abc' }, `scratch-kept:${runId}`),
      await scratch.image({ [RUN_LABEL]: runId, [CACHE_LABEL]: 'abc' }, null),
      await scratch.image({ [RUN_LABEL]: runId }, 'scratch-users-own:latest'),
    ];
    expect(await removeRunResources(engine, runId, LIMITS)).toEqual({ done: [], left: [], absent: false });
    expect(await scratch.existing(survivors)).toEqual(survivors);
  });

  it('leaves a volume that only a container of the run names', async () => {
    const volume = await scratch.volume({});
    await scratch.container({ [RUN_LABEL]: scratch.runId }, { Binds: [`${volume}:/data`] });
    expect((await removeRunResources(scratch.engine, scratch.runId, LIMITS)).left).toEqual([]);
    expect(await scratch.existing([volume])).toEqual([volume]);
  });

  it('says who else uses a network or a volume, disconnects nobody and does not wait for long', async () => {
    const { engine, runId } = scratch;
    const network = await scratch.network({ [RUN_LABEL]: runId });
    const volume = await scratch.volume({ [RUN_LABEL]: runId });
    const foreign = await scratch.container({}, { NetworkMode: network, Binds: [`${volume}:/data`] });
    const { done, left } = await removeRunResources(engine, runId, LIMITS);
    expect(done).toEqual([]);
    expect(left).toHaveLength(2);
    expect(left).toContain(`network "${network}": in use by container "${foreign}", which is not of this run`);
    expect(left.find((what) => what.startsWith(`volume "${volume}": `))).toContain('volume is in use');
    expect((await engine.docker.getContainer(foreign).inspect()).State.Running).toBe(true);
  });

  it('removes what is made while it is at it', async () => {
    const own = { [RUN_LABEL]: scratch.runId };
    await scratch.container(own);
    const [late, { left }] = await Promise.all([
      scratch.container(own).catch(() => null),
      removeRunResources(scratch.engine, scratch.runId, LIMITS),
    ]);
    expect(left).toEqual([]);
    expect(await scratch.existing(late === null ? [] : [late])).toEqual([]);
  });

  it('may be called twice at once', async () => {
    const own = { [RUN_LABEL]: scratch.runId };
    await Promise.all([scratch.container(own), scratch.container(own), scratch.network(own), scratch.volume(own)]);
    const both = await Promise.all([1, 2].map(() => removeRunResources(scratch.engine, scratch.runId, LIMITS)));
    expect(both.map(({ left }) => left)).toEqual([[], []]);
  });

  it('says what may be left where no engine answers', async () => {
    const gone = { ...scratch.engine, address: 'unix:///nowhere/engine.sock' };
    const words = `the engine at unix:///nowhere/engine.sock does not answer (ENOENT): containers, networks and volumes with the label ${RUN_LABEL}=${scratch.runId} may be left`;
    expect(await runResources(gone, scratch.runId)).toEqual([words]);
    expect(await removeRunResources(gone, scratch.runId, { ...LIMITS, absentMs: 100 })).toEqual({ done: [], left: [words], absent: true });
  });
});
