import { openSocket } from '../../testing/client.ts';
import { until } from '../../testing/stack.ts';
import { RPC_DEFECTS } from '../tables/rpc.ts';
import { describeEffects } from '../../testing/effects.ts';

describeEffects(RPC_DEFECTS, {
  ws_crosstalk: async (gateway) => {
    const sockets = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => ({ name, ...(await openSocket(gateway, `/ws/mcp?agent_id=${name}`)) })),
    );
    for (const { name, send: say } of sockets) {
      say({ jsonrpc: '2.0', id: 7, method: 'execute_pattern', params: { query: `canary ${name}`, use_cache: false } });
    }
    const answers = () =>
      sockets.flatMap(({ name, frames }) => frames.filter((frame) => frame['id'] === 7).map((frame) => ({ name, frame })));
    await until(async () => answers().length === 3);
    for (const { socket } of sockets) socket.close();
    return answers()
      .filter(({ name, frame }) => !JSON.stringify(frame).includes(`"canary ${name}"`))
      .map(({ name }) => `${name} got another's answer`);
  },
});
