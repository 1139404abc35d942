import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';

/** Memories. */
export const MEMORIES_DEFECTS: DefectTable = {
  seq_scan: {
    what: 'there is no vector index',
    incidentClass: 'an index that was dropped for a bulk load and not made again: right answers, slower with every row',
    violates: 'database.vector.index_used',
    mustStayMet: ['database.vector.recall', 'database.vector.short_results', 'database.deadlocks.count'],
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../seq-scan.ts')).SEQ_SCAN,
  },
  ivfflat_empty: {
    what: 'the vector index is IVFFlat, made before there were rows',
    incidentClass: 'lists without anything to learn from, in the order of the migrations: fast, and most neighbours are not found',
    violates: 'database.vector.recall',
    mustStayMet: ['database.vector.index_used', 'database.vector.operator_class', 'database.deadlocks.count'],
    together: 'vector_lists',
    load: async () => (await import('../ivfflat-empty.ts')).IVFFLAT_EMPTY,
  },
  wrong_operator_class: {
    what: 'the vector index is made for Euclidean distance, the queries ask for cosine distance',
    incidentClass: 'an index that is there, is kept up to date, and is never used',
    violates: 'database.vector.operator_class',
    mustStayMet: ['database.vector.latency_mean', 'database.deadlocks.count'],
    together: ACROSS.nothingDoneAndVectors,
    load: async () => (await import('../wrong-operator-class.ts')).WRONG_OPERATOR_CLASS,
  },
  filtered_search_short: {
    what: 'a search answers with what is left of the first candidates of all workspaces',
    incidentClass: 'an index scan that is filtered after it: small tenants get few results or none, although they have many',
    violates: 'database.vector.short_results',
    mustStayMet: ['database.vector.recall', 'database.vector.index_used', 'database.vector.operator_class', 'database.deadlocks.count'],
    together: ACROSS.neverDoneAndShort,
    load: async () => (await import('../filtered-search-short.ts')).FILTERED_SEARCH_SHORT,
  },
  vector_search_slow: {
    what: 'every search of memories takes 300 ms longer',
    incidentClass: 'a second ranking by another service, added to every search',
    violates: 'database.vector.latency_mean',
    mustStayMet: ['database.vector.index_used', 'database.deadlocks.count'],
    together: 'vector_lists',
    load: async () => (await import('../vector-search-slow.ts')).VECTOR_SEARCH_SLOW,
  },
  vector_search_tail: {
    what: 'every eighth search of memories takes 700 ms longer',
    incidentClass: 'a few searches that wait for what the others find ready: the mean looks well',
    violates: 'database.vector.latency_p95',
    mustStayMet: ['database.vector.recall', 'database.deadlocks.count'],
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../vector-search-tail.ts')).VECTOR_SEARCH_TAIL,
  },
};
