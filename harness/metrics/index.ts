export { postgresSampler } from './postgres-sampler.ts';
export { processSampler } from './process-sampler.ts';
export { sampleSeries } from './series.ts';
