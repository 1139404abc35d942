import type { DefectTable } from '../defect.ts';
import { LEAK_DEFECTS } from './leaks.ts';

/** What is gated together: each in a part of its own, and each for a criterion of its own. */
const TOGETHER = 'budgets';
const BUSY = 'busy';

/** Time budgets, resources, and what happens at the limit. */
export const LIMITS_DEFECTS: DefectTable = {
  match_slow: {
    what: 'matching a request takes 25 ms longer, and the answers say so',
    incidentClass: 'rules that are compiled for every request instead of once',
    violates: 'benchmark.stage.match',
    together: TOGETHER,
    mustStayMet: ['benchmark.success', 'benchmark.latency_p50'],
    load: async () => (await import('../match-slow.ts')).MATCH_SLOW,
  },
  health_slow: {
    what: 'health takes 250 ms longer',
    incidentClass: 'a probe that got one more dependency: the balancer takes the instance out when it is busy',
    violates: 'benchmark.class.health',
    together: TOGETHER,
    mustStayMet: ['preflight.services.health', 'benchmark.latency_p50'],
    load: async () => (await import('../health-slow.ts')).HEALTH_SLOW,
  },
  connection_hog: {
    what: 'the gateway holds 32 database connections beside its pool',
    incidentClass: 'a second pool that a library makes for itself',
    violates: 'benchmark.resources.connections',
    together: TOGETHER,
    mustStayMet: ['benchmark.success', 'benchmark.throughput'],
    load: async () => (await import('../connection-hog.ts')).CONNECTION_HOG,
  },
  redis_bloat: {
    what: '200 MiB of debug copies are kept in Redis without an end',
    incidentClass: 'keys without a TTL: Redis refuses writes one day',
    violates: 'benchmark.resources.redis_memory',
    together: TOGETHER,
    mustStayMet: ['preflight.redis.config', 'benchmark.success'],
    load: async () => (await import('../redis-bloat.ts')).REDIS_BLOAT,
  },
  cpu_burn: {
    what: 'a background thread of the gateway uses every processor time it can get',
    incidentClass: 'a busy wait: nobody notices before the bill, or before another service needs the processor',
    violates: 'benchmark.resources.cpu',
    together: BUSY,
    mustStayMet: ['benchmark.success'],
    load: async () => (await import('../cpu-burn.ts')).CPU_BURN,
  },
  memory_hog: {
    what: 'the gateway keeps 900 MiB that it does not need',
    incidentClass: 'a table that is read into memory as a whole, and grew',
    violates: 'benchmark.resources.memory',
    together: TOGETHER,
    mustStayMet: ['benchmark.success'],
    load: async () => (await import('../memory-hog.ts')).MEMORY_HOG,
  },
  stream_consumer_slow: {
    what: 'the consumer of the streams takes 20 ms for each message',
    incidentClass: 'one call per message to a service that has a call for many',
    violates: 'benchmark.stream.throughput',
    together: BUSY,
    mustStayMet: ['database.stream.lost', 'benchmark.success'],
    load: async () => (await import('../stream-consumer-slow.ts')).STREAM_CONSUMER_SLOW,
  },
  stream_polled: {
    what: 'a new message waits for the consumer to look, every two and a half seconds',
    incidentClass: 'polling where a wake-up was meant: every hop costs half a second',
    violates: 'benchmark.stream.latency_p95',
    together: TOGETHER,
    mustStayMet: ['database.stream.lost', 'benchmark.success'],
    load: async () => (await import('../stream-polled.ts')).STREAM_POLLED,
  },
  slow_boot: {
    what: 'the gateway is ready eleven seconds later than it could be',
    incidentClass: 'a cache that is filled before the port opens: every deployment is an outage of that length',
    violates: 'benchmark.cold_start',
    together: TOGETHER,
    mustStayMet: ['preflight.services.ready', 'benchmark.success'],
    load: async () => (await import('../slow-boot.ts')).SLOW_BOOT,
  },
  overload_collapse: {
    what: 'requests are taken in without a bound',
    incidentClass: 'a queue without an end: past the limit everybody is answered, and everybody too late',
    violates: 'benchmark.overload.goodput',
    mustStayMet: ['benchmark.success', 'benchmark.capacity'],
    profile: 'full',
    load: async () => (await import('../overload-collapse.ts')).OVERLOAD_COLLAPSE,
  },
  uneven_latency: {
    what: 'for six of every eighteen seconds executions take 140 ms longer',
    incidentClass: 'a job that runs beside the work: every average is fine',
    violates: 'benchmark.spread',
    mustStayMet: ['benchmark.success', 'benchmark.latency_p99'],
    profile: 'full',
    load: async () => (await import('../uneven-latency.ts')).UNEVEN_LATENCY,
  },
  ...LEAK_DEFECTS,
};
