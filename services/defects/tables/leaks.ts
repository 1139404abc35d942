import type { DefectTable } from '../defect.ts';

/** What grows for as long as the process runs. */
export const LEAK_DEFECTS: DefectTable = {
  memory_leak: {
    what: 'every execution leaves 64 KiB in a list',
    incidentClass: 'a history without a bound: fine for a day, killed for lack of memory in the second week',
    violates: 'benchmark.soak.memory',
    mustStayMet: ['benchmark.success', 'benchmark.soak.descriptors'],
    profile: 'soak',
    load: async () => (await import('../memory-leak.ts')).MEMORY_LEAK,
  },
  descriptor_leak: {
    what: 'every twentieth execution leaves a file open',
    incidentClass: 'a file or socket that is closed on the good path only',
    violates: 'benchmark.soak.descriptors',
    mustStayMet: ['benchmark.success', 'benchmark.soak.connections'],
    profile: 'soak',
    load: async () => (await import('../descriptor-leak.ts')).DESCRIPTOR_LEAK,
  },
  connection_creep: {
    what: 'every 300th use of the database leaves a connection behind',
    incidentClass: 'a connection that is not given back on one rare path',
    violates: 'benchmark.soak.connections',
    mustStayMet: ['benchmark.success'],
    profile: 'soak',
    load: async () => (await import('../connection-creep.ts')).CONNECTION_CREEP,
  },
  latency_creep: {
    what: 'every execution takes 20 µs longer than the one before it',
    incidentClass: 'a list that is searched from the beginning, and grows',
    violates: 'benchmark.soak.latency',
    mustStayMet: ['benchmark.success'],
    profile: 'soak',
    load: async () => (await import('../latency-creep.ts')).LATENCY_CREEP,
  },
};
