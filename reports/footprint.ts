import type { AcceptedRequest, Footprint, MadeThing } from '../harness/model/footprint.ts';
import { plural } from './text.ts';

/** What is still at the target. */
export interface Left {
  readonly things: readonly (MadeThing & { readonly left: number })[];
  /** Those of which what they made did not go with a workspace. */
  readonly requests: readonly AcceptedRequest[];
}

export function leftOf({ things, requests }: Footprint): Left {
  const left = things.map((thing) => ({ ...thing, left: Math.max(0, thing.made - thing.removed) })).filter(({ left: count }) => count > 0);
  const allWorkspacesGone = !left.some(({ what }) => what === 'workspaces');
  return { things: left, requests: requests.filter(({ inWorkspace }) => !inWorkspace || !allWorkspacesGone) };
}

/** One clause: what is left, without how it came there. */
export function leftText(footprint: Footprint): string {
  const { things, requests } = leftOf(footprint);
  const accepted = requests.reduce((sum, request) => sum + request.accepted, 0);
  const parts = [
    ...things.map(({ what, left }) =>
      what === 'workspaces' ? `${plural(left, 'workspace')} and what is in them` : `${String(left)} ${what}`,
    ),
    ...(accepted === 0 ? [] : [`what ${plural(accepted, 'accepted request')} made outside of workspaces that were removed`]),
  ];
  return parts.length === 0 ? 'nothing that is known' : parts.join(', ');
}

/** How it is found by hand. */
export function traces({ mark, workspacePrefix }: Footprint): string {
  return `ids of workspaces begin with ${workspacePrefix}, names of databases and schemas are muster_…_${mark}_…`;
}
