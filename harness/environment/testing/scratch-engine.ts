import { randomBytes } from 'node:crypto';
import { type Engine, findEngine } from '../containers/engine.ts';

/** Made from Debian packages by `scripts/images`; only its `sleep` is used here. */
const IMAGE = 'muster/redis:8';

type Docker = Engine['docker'];
type Labels = Readonly<Record<string, string>>;

/** Things on the real engine for a test; disposing of it removes those the test did not. */
export interface ScratchEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** A run id of nobody else. */
  readonly runId: string;
  /** Starts a container that sleeps and has an anonymous volume; returns its name. `host`: more of its HostConfig. */
  container(labels: Labels, host?: Readonly<Record<string, unknown>>): Promise<string>;
  network(labels: Labels): Promise<string>;
  volume(labels: Labels): Promise<string>;
  /** An image made of `IMAGE` with these labels; `tag` null: it has none. Returns its tag or id. */
  image(labels: Labels, tag: string | null): Promise<string>;
  /** Which of these still exist, of any kind. */
  existing(names: readonly string[]): Promise<readonly string[]>;
}

/** @throws Error when no engine answers: whoever calls this needs one. */
export async function openScratchEngine(): Promise<ScratchEngine> {
  const { engine } = await findEngine(process.env);
  if (engine === null) throw new Error('no container engine answers; run this where one does');
  const { docker } = engine;
  const undo: (() => Promise<unknown>)[] = [];
  return {
    engine,
    runId: `run-${randomBytes(6).toString('hex')}`,
    async container(labels, host = {}) {
      const container = await createContainer(docker, labels, host);
      undo.unshift(() => container.remove({ force: true, v: true }));
      await container.start();
      return (await container.inspect()).Name.slice(1);
    },
    async network(labels) {
      const network = await docker.createNetwork({ Name: newName(), Labels: { ...labels } });
      undo.unshift(() => network.remove());
      return (await network.inspect()).Name;
    },
    async volume(labels) {
      const { name } = await docker.createVolume({ Name: newName(), Labels: { ...labels } });
      undo.unshift(() => docker.getVolume(name).remove());
      return name;
    },
    async image(labels, tag) {
      const ref = await createImage(docker, labels, tag);
      undo.unshift(() => docker.getImage(ref).remove({ force: true }));
      return ref;
    },
    existing: (names) => existing(docker, names),
    async [Symbol.asyncDispose]() {
      // The latest first: what uses something before what it uses. What the test removed is refused, and that is well.
      for (const step of undo) await step().catch(() => undefined);
    },
  };
}

function newName(): string {
  return `scratch-${randomBytes(6).toString('hex')}`;
}

async function createContainer(
  docker: Docker,
  labels: Labels,
  host: Readonly<Record<string, unknown>>,
): Promise<ReturnType<Docker['getContainer']>> {
  return await docker.createContainer({
    name: newName(),
    Image: IMAGE,
    Entrypoint: ['sleep', '600'],
    Cmd: [],
    Labels: { ...labels },
    Volumes: { '/anonymous': {} },
    HostConfig: { Init: true, ...host },
  });
}

async function createImage(docker: Docker, labels: Labels, tag: string | null): Promise<string> {
  const base = await docker.createContainer({ Image: IMAGE, Cmd: ['true'] });
  const changes = Object.entries(labels).map(([key, value]) => `LABEL ${key}=${value}`);
  const { Id } = (await base.commit({ changes: changes.join('\n') })) as { readonly Id: string };
  await base.remove({ v: true });
  if (tag === null) return Id;
  const [repo = '', version = ''] = tag.split(':');
  await docker.getImage(Id).tag({ repo, tag: version });
  return tag;
}

async function existing(docker: Docker, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    names.map(async (ref) => {
      const asked = [docker.getContainer(ref), docker.getNetwork(ref), docker.getVolume(ref), docker.getImage(ref)];
      const answers = await Promise.allSettled(asked.map((thing) => thing.inspect()));
      return answers.some(({ status }) => status === 'fulfilled') ? [ref] : [];
    }),
  );
  return found.flat();
}
