export { postgresSampler } from './postgres-sampler.ts';
export { processSampler } from './process-sampler.ts';
export { startSampling, type Sampler } from './sampling-loop.ts';
export { sampleSeries } from './series.ts';
