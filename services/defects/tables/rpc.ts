import type { DefectTable } from '../defect.ts';

/** JSON-RPC, MCP. */
export const RPC_DEFECTS: DefectTable = {
  ws_crosstalk: {
    what: 'answers of /ws/mcp go to the connection that used the request id last',
    incidentClass: 'pending requests of all connections kept in one table by request id: one tenant gets the answer of another',
    violates: 'websocket.mcp.crosstalk',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.malformed'],
    load: async () => (await import('../ws-crosstalk.ts')).WS_CROSSTALK,
  },
};
