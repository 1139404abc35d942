import { once } from 'node:events';
import { connect } from 'node:net';
import { messageOf, MusterError } from '../model/errors.ts';
import { openChannel } from './channel.ts';
import { STACK_CHANNEL, type GuestApi, type StackApi } from './stack-protocol.ts';

/** A connection to the process that holds a stack. Disposal ends it. */
export interface StackLink extends Disposable {
  readonly stack: StackApi;
  /** Resolves when the other side has ended it, or died; never after disposal. */
  readonly lost: Promise<void>;
}

/** @throws MusterError (config) when nobody serves a stack there. */
export async function linkToStack(socketPath: string, guest: GuestApi = { exited: async () => {} }): Promise<StackLink> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw notThere(socketPath, error);
  }
  let open = true;
  const channel = openChannel<StackApi, GuestApi>(socket, guest, STACK_CHANNEL);
  return {
    stack: channel.remote,
    lost: new Promise((resolve) => {
      socket.once('close', () => open && resolve());
    }),
    [Symbol.dispose]() {
      open = false;
      channel.close('it was ended here');
    },
  };
}

function notThere(socketPath: string, error: unknown): MusterError {
  return new MusterError(`The process that holds the stack does not answer at ${socketPath}: ${messageOf(error)}.`, {
    code: 'MUSTER_NO_STACK',
    blame: 'config',
    hint: 'Start a stack with `muster up`; `muster down` puts away what is left of the old one.',
    cause: error,
  });
}
