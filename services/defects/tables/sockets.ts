import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';

/** WebSocket channels and events. */
export const SOCKETS_DEFECTS: DefectTable = {
  ws_leak: {
    what: 'a connection that breaks stays in the books of open sessions',
    incidentClass: 'clean-up that hangs on an orderly goodbye: every lost network leaves a session, until no more may come in',
    violates: 'websocket.sessions.leak',
    mustStayMet: ['lifecycle.operations.end_state', 'lifecycle.errors.no_5xx', 'efficiency.tokens.self_report'],
    load: async () => (await import('../ws-leak.ts')).WS_LEAK,
  },
  heartbeat_off: {
    what: 'a silent connection gets no heartbeat',
    incidentClass: 'proxies cut connections that say nothing, and clients cannot tell silence from an end',
    violates: 'websocket.heartbeat.interval',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.malformed'],
    load: async () => (await import('../heartbeat-off.ts')).HEARTBEAT_OFF,
  },
  ws_broadcast_private: {
    what: 'events of one agent and of one workspace reach the subscribers of all others',
    incidentClass: 'one topic for everybody and a filter that was left to the client: one tenant reads along with another',
    violates: 'websocket.events.delivery',
    mustStayMet: ['websocket.mcp.crosstalk', 'websocket.mcp.malformed', 'concurrency.register.lost_updates'],
    together: ACROSS.broadcastAndEstimated,
    load: async () => (await import('../ws-broadcast-private.ts')).WS_BROADCAST_PRIVATE,
  },
  ws_unbounded_queue: {
    what: 'frames for a reader that does not read pile up in memory',
    incidentClass: 'one slow client, and the process grows until it is killed with everybody on it',
    violates: 'websocket.backpressure.bounded',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.crosstalk'],
    load: async () => (await import('../ws-unbounded-queue.ts')).WS_UNBOUNDED_QUEUE,
  },
  ws_no_pong: {
    what: 'pings of clients are not answered',
    incidentClass: 'clients that look after their connections take a healthy server for dead and reconnect for ever',
    violates: 'websocket.ping.pong',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.crosstalk'],
    load: async () => (await import('../ws-no-pong.ts')).WS_NO_PONG,
  },
  ws_half_open: {
    what: 'a peer that answers nothing is never dropped',
    incidentClass: 'hundreds of connections on the books, a handful of people behind them: laptops that were closed',
    violates: 'websocket.half_open.detected',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.malformed'],
    load: async () => (await import('../ws-half-open.ts')).WS_HALF_OPEN,
  },
  ws_crash_on_malformed: {
    what: 'a frame that breaks the protocol ends the process',
    incidentClass: 'an error event without a listener: one bad client takes everybody down',
    violates: 'websocket.frames.survival',
    mustStayMet: ['preflight.migrations.head', 'preflight.postgres.role', 'efficiency.tokens.self_report'],
    load: async () => (await import('../ws-crash-on-malformed.ts')).WS_CRASH_ON_MALFORMED,
  },
  event_before_commit: {
    what: 'subscribers hear of a change before its transaction is through',
    incidentClass: 'publishing in the middle of a transaction: who reads on the event finds nothing, or hears of what never happened',
    violates: 'lifecycle.events.truth',
    mustStayMet: ['lifecycle.transitions.table', 'lifecycle.operations.end_state', 'concurrency.register.lost_updates'],
    together: 'work',
    load: async () => (await import('../event-before-commit.ts')).EVENT_BEFORE_COMMIT,
  },
  operation_end_untold: {
    what: 'subscribers hear how an operation goes on, and not that it has completed',
    incidentClass: 'a list of what is passed on that was written before the last state was added: dashboards show work that never ends',
    violates: 'lifecycle.operations.events',
    mustStayMet: ['lifecycle.operations.end_state', 'lifecycle.transitions.table', 'lifecycle.errors.no_5xx'],
    // After the defect that tells too early: what it tells passes through this one as well.
    together: 'work',
    load: async () => (await import('../operation-end-untold.ts')).OPERATION_END_UNTOLD,
  },
  event_lost: {
    what: 'one event in twenty is not delivered',
    incidentClass: 'fire and forget: a delivery that fails is nobody’s business',
    violates: 'websocket.events.delivery',
    mustStayMet: ['websocket.mcp.crosstalk', 'websocket.mcp.malformed', 'concurrency.register.lost_updates'],
    together: ACROSS.lostAndMiscounted,
    load: async () => (await import('../event-lost.ts')).EVENT_LOST,
  },
  event_duplicate: {
    what: 'one event in twenty is delivered twice',
    incidentClass: 'a retry that does not know what has arrived',
    violates: 'websocket.events.delivery',
    mustStayMet: ['websocket.mcp.crosstalk', 'websocket.mcp.malformed', 'concurrency.register.lost_updates'],
    together: ACROSS.repeatedAndLate,
    load: async () => (await import('../event-duplicate.ts')).EVENT_DUPLICATE,
  },
  event_out_of_order: {
    what: 'one event in ten is overtaken by the next',
    incidentClass: 'deliveries that run beside each other: the last state that a client sees is not the last one',
    violates: 'websocket.events.order',
    mustStayMet: ['websocket.mcp.crosstalk', 'websocket.mcp.malformed', 'concurrency.register.lost_updates'],
    load: async () => (await import('../event-out-of-order.ts')).EVENT_OUT_OF_ORDER,
  },
};
