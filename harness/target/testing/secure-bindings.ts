import type { Bindings } from '../../model/target.ts';
import { template } from './loopback.ts';

/** One way in of each kind, to a service `api` whose transport is tested. */
export const BINDINGS: Bindings = {
  execute: { http: template('POST /run', { text: '${text}' }), outcome: { ok: 'success == true' } },
  events: { ws: { path: '/events', service: 'api', headers: {} }, type: 'type', appended: 'message', key: 'key', value: 'value' },
  mcp: {
    ws: { path: '/rpc', service: 'api', headers: {} },
    welcome: null,
    call: { method: 'echo', params: { text: '${canary}' }, echo: 'text' },
  },
};
