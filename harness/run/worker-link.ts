import { once } from 'node:events';
import { connect } from 'node:net';
import { openChannel } from './channel.ts';
import { FootprintLink } from './footprint-link.ts';
import { CONTROL_SOCKET_ENV, type Briefing, type SupervisorApi } from './protocol.ts';

export interface WorkerLink {
  readonly supervisor: SupervisorApi;
  readonly briefing: Briefing;
  readonly footprint: FootprintLink;
}

let link: Promise<WorkerLink> | undefined;

/** The worker's connection to the supervisor; opened once per worker process, on first use. */
export function workerLink(): Promise<WorkerLink> {
  link ??= open();
  return link;
}

async function open(): Promise<WorkerLink> {
  const socketPath = process.env[CONTROL_SOCKET_ENV];
  if (socketPath === undefined) throw new Error('suites run only under `muster validate`'); // invariant: the runner sets the variable
  const socket = connect(socketPath);
  await once(socket, 'connect');
  socket.unref();
  const { remote } = openChannel<SupervisorApi, Record<string, never>>(socket, {});
  const briefing = await remote.briefing();
  return { supervisor: remote, briefing, footprint: new FootprintLink(briefing.runId, remote) };
}
