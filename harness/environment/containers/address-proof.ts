import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type Docker from 'dockerode';
import type { AddressProof } from '../../model/environment.ts';
import { HOST } from '../placeholders.ts';
import { listeningPids } from '../sockets.ts';
import { shortId } from './container-state.ts';
import { RUN_LABEL } from './labels.ts';

/** The engine's word that this container answers at 127.0.0.1:`port`, and where it can be seen, that the listener forwards to it. */
export async function proofOf(info: Docker.ContainerInspectInfo, port: number): Promise<AddressProof> {
  const claim = engineClaim(info, port);
  if (!claim.ok) return claim;
  const forwarders = (await listeningPids(port)) ?? [];
  const addresses = Object.values(info.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
  const strangers = forwarders.filter((pid) => !forwardsTo(commandOf(pid), addresses));
  if (strangers.length > 0) return { ok: false, seen: `${claim.seen}; yet the port is held by pid ${strangers.join(', ')}` };
  return claim;
}

function engineClaim(info: Docker.ContainerInspectInfo, port: number): AddressProof & { readonly ok: boolean } {
  const words = `container ${shortId(info.Id)} of run ${info.Config.Labels[RUN_LABEL] ?? 'nobody'}`;
  if (!info.State.Running) return { ok: false, seen: `${words} does not run (${info.State.Status})` };
  const published = Object.entries(info.NetworkSettings.Ports).find(([, hosts]) =>
    // An engine of compose's file may publish on every address.
    (hosts as typeof hosts | null)?.some(({ HostPort }) => HostPort === String(port)),
  );
  if (published === undefined) return { ok: false, seen: `${words} publishes no port as ${HOST}:${String(port)}` };
  const ours = info.Config.Labels[RUN_LABEL] !== undefined;
  return { ok: ours, seen: `${words} runs and publishes ${published[0]} as ${HOST}:${String(port)}` };
}

/** Of engines that run without root or in a machine of their own: what carries all published ports, and does not say where to. */
const CARRIERS =
  /^(?:rootlesskit|(?:containers-)?rootlessport|pasta(?:\.avx2)?|passt(?:\.avx2)?|slirp4netns|com\.docker\.backend|vpnkit(?:-bridge)?|dockerd)$/;

/** Whether this may be who forwards to the container. An unreadable command line (another user's process) is no proof of the contrary. */
export function forwardsTo(command: readonly string[] | null, addresses: readonly string[]): boolean {
  if (command === null) return true;
  const program = basename(command[0] ?? '');
  if (program === 'docker-proxy') return addresses.some((address) => command.includes(address));
  return CARRIERS.test(program);
}

function commandOf(pid: number): readonly string[] | null {
  try {
    const words = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
    return words[0] === '' ? null : words;
  } catch {
    return null; // gone, or hidden
  }
}
