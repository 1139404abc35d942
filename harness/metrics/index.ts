export type { PostgresActivity, PostgresSample, PostgresSamplerOptions } from './postgres-sampler.ts';
export { OBSERVER_APPLICATION, postgresSampler } from './postgres-sampler.ts';
export type { ProcessSample, ProcessSamplerOptions } from './process-sampler.ts';
export { processSampler } from './process-sampler.ts';
export type { Sampler } from './sampling-loop.ts';
export { sampleSeries } from './series.ts';
