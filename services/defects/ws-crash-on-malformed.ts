import type { Seams } from '../gateway/seams.ts';

/** Nobody listens to the errors of a connection, and in Node an error that nobody listens to ends the process. */
export const WS_CRASH_ON_MALFORMED: Partial<Seams> = {
  peers: (make) => (socket, limits, heartbeatFrame) => {
    const peer = make(socket, limits, heartbeatFrame);
    socket.removeAllListeners('error');
    return peer;
  },
};
