import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';

/** JSON-RPC, MCP. */
export const RPC_DEFECTS: DefectTable = {
  ws_reply_misrouted: {
    what: 'answers of /ws/mcp go to the connection that used the request id last',
    incidentClass: 'pending requests of all connections kept in one table by request id: one tenant gets the answer of another',
    violates: 'websocket.mcp.crosstalk',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.malformed'],
    together: ACROSS.misroutedAndDumped,
    load: async () => (await import('../ws-reply-misrouted.ts')).WS_REPLY_MISROUTED,
  },
  ws_crosstalk: {
    what: 'answers of /ws/mcp go to the connection that spoke last',
    incidentClass: 'one transport shared by all connections: who connects later gets what was meant for those before',
    violates: 'websocket.mcp.crosstalk',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.malformed'],
    together: ACROSS.crosstalkAndHistory,
    load: async () => (await import('../ws-crosstalk.ts')).WS_CROSSTALK,
  },
  ws_no_welcome: {
    what: 'a connection to /ws/mcp gets no welcome frame',
    incidentClass: 'clients that wait for the first frame of the protocol hang until their time limit',
    violates: 'websocket.mcp.welcome',
    mustStayMet: ['websocket.events.delivery', 'lifecycle.operations.end_state', 'preflight.services.ready'],
    load: async () => (await import('../ws-no-welcome.ts')).WS_NO_WELCOME,
  },
  ws_id_swapped: {
    what: 'of requests under way on one connection, the answer that is ready first carries the id that was sent first',
    incidentClass: 'answers matched to requests by their order: right one at a time, wrong when a fast one overtakes a slow one',
    violates: 'websocket.mcp.ids',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.malformed'],
    load: async () => (await import('../ws-id-swapped.ts')).WS_ID_SWAPPED,
  },
  mcp_session_shared: {
    what: 'every MCP session over HTTP works with the identity of the first one',
    incidentClass: 'one server object for all sessions: tools and resources answer with the data of whoever came first',
    violates: 'websocket.mcp.session_isolation',
    mustStayMet: ['websocket.mcp.crosstalk', 'websocket.mcp.malformed'],
    load: async () => (await import('../mcp-session-shared.ts')).MCP_SESSION_SHARED,
  },
  mcp_error_as_success: {
    what: 'a tool that failed is answered with isError: false',
    incidentClass: 'an error text in a success answer: agents go on as if the work were done, and dashboards stay green',
    violates: 'websocket.mcp.negative',
    mustStayMet: ['websocket.mcp.crosstalk', 'websocket.mcp.malformed'],
    load: async () => (await import('../mcp-error-as-success.ts')).MCP_ERROR_AS_SUCCESS,
  },
};
