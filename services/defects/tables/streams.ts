import type { DefectTable } from '../defect.ts';

/** Streams and cache. */
export const STREAMS_DEFECTS: DefectTable = {
  stale_cache: {
    what: 'a map in front of the cache keeps answers until the next write: neither their time nor an invalidation ends them',
    incidentClass: 'a memo added for speed, outside of the rules that the cache behind it keeps',
    violates: 'efficiency.cache.ttl',
    mustStayMet: ['efficiency.cache.hit_rate', 'benchmark.success'],
    load: async () => (await import('../stale-cache.ts')).STALE_CACHE,
  },
  cache_served_after_write: {
    what: 'a write does not invalidate the answers that depend on what was written',
    incidentClass: 'a cache on the read path that the write path does not know of',
    violates: 'efficiency.cache.invalidation',
    mustStayMet: ['efficiency.cache.hit_rate', 'concurrency.register.lost_updates'],
    load: async () => (await import('../cache-served-after-write.ts')).CACHE_SERVED_AFTER_WRITE,
  },
  local_only_cache: {
    what: 'an invalidation reaches the process that was asked, and no other',
    incidentClass: 'a cache in memory that was right as long as there was one instance',
    violates: 'concurrency.instances.coherence',
    mustStayMet: ['efficiency.cache.hit_rate', 'concurrency.agents.crosstalk'],
    load: async () => (await import('../local-only-cache.ts')).LOCAL_ONLY_CACHE,
  },
  cache_key_without_tenant: {
    what: 'the key of a cached answer is made of the question alone, without the workspace',
    incidentClass: 'tenants that see each other’s answers through a shared cache',
    violates: 'database.tenants.cache',
    mustStayMet: ['efficiency.cache.hit_rate', 'benchmark.success'],
    load: async () => (await import('../cache-key-without-tenant.ts')).CACHE_KEY_WITHOUT_TENANT,
  },
  dlq_drop: {
    what: 'a message that cannot be processed is acknowledged and kept nowhere',
    incidentClass: 'a poison message that was "skipped" to unblock the queue',
    violates: 'recovery.dead_letters.kept',
    mustStayMet: ['database.stream.lost', 'recovery.redis_stop.lost_writes'],
    load: async () => (await import('../dlq-drop.ts')).DLQ_DROP,
  },
  stream_ack_before_work: {
    what: 'messages are acknowledged when they are read, and collected in memory until there are eight to store',
    incidentClass: 'auto-acknowledge with a batch in memory: what does not fill a batch, or dies with the process, is gone',
    violates: 'database.stream.lost',
    mustStayMet: ['concurrency.register.lost_updates', 'database.deadlocks.count'],
    load: async () => (await import('../stream-ack-before-work.ts')).STREAM_ACK_BEFORE_WORK,
  },
  stream_no_reclaim: {
    what: 'nobody takes over what a consumer had read and not acknowledged',
    incidentClass: 'consumer groups without XAUTOCLAIM: every restart leaves a few messages pending for ever',
    violates: 'recovery.consumer_kill.pending',
    mustStayMet: ['database.stream.lost', 'concurrency.register.lost_updates'],
    load: async () => (await import('../stream-no-reclaim.ts')).STREAM_NO_RECLAIM,
  },
  stream_maxlen_trim: {
    what: 'the stream is trimmed to 50 entries with every message added, processed or not',
    incidentClass: 'MAXLEN against memory growth: a consumer that falls behind loses the oldest messages',
    violates: 'database.stream.trimmed',
    mustStayMet: ['concurrency.register.lost_updates', 'database.deadlocks.count'],
    load: async () => (await import('../stream-maxlen-trim.ts')).STREAM_MAXLEN_TRIM,
  },
  stream_noack: {
    what: 'messages are read with NOACK: none is ever pending, and what was in work when the consumer died is gone',
    incidentClass: 'at-most-once delivery chosen for speed where at-least-once was promised',
    violates: 'recovery.consumer_kill.lost',
    mustStayMet: ['database.stream.lost', 'concurrency.register.lost_updates'],
    load: async () => (await import('../stream-noack.ts')).STREAM_NOACK,
  },
  stream_double_add: {
    what: 'a message whose XADD got no answer is added again under another message id',
    incidentClass: 'a retry around a write that is not idempotent: after a slow moment everything is there twice',
    violates: 'database.stream.duplicates',
    mustStayMet: ['database.stream.lost', 'recovery.redis_stop.lost_writes'],
    load: async () => (await import('../stream-double-add.ts')).STREAM_DOUBLE_ADD,
  },
  exit_on_redis_loss: {
    what: 'the process ends when its connection to Redis is lost',
    incidentClass: 'an event of a client library that nobody handles: a dependency’s restart is everybody’s restart',
    violates: 'preflight.services.stay_up',
    shownBy: 'recovery',
    mustStayMet: ['recovery.postgres_stop.lost_writes', 'recovery.postgres_stop.health_truthful'],
    load: async () => (await import('../exit-on-redis-loss.ts')).EXIT_ON_REDIS_LOSS,
  },
};
