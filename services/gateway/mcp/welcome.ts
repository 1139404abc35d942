import type { WsLimits } from '../config.ts';
import { notificationFrame } from './json-rpc.ts';
import type { Session } from './session.ts';

/** What a new connection is told before anything else, frame by frame. */
export type Welcome = (session: Session) => readonly string[];

export interface WelcomeFacts {
  readonly version: string;
  readonly limits: WsLimits;
  readonly inFlight: number;
}

export function createWelcome({ version, limits, inFlight }: WelcomeFacts): Welcome {
  return ({ id, caller }) => [
    notificationFrame('welcome', {
      session_id: id,
      agent_id: caller.agent,
      workspace_id: caller.workspaceId,
      server_version: version,
      protocol: 'muster-1',
      limits: { max_payload_bytes: limits.maxPayloadBytes, messages_per_second: limits.messagesPerSecond, in_flight: inFlight },
    }),
  ];
}
