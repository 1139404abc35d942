export { MachineReader } from './machine-reader.ts';
export { peakOf } from './peak.ts';
export { postgresSampler } from './postgres-sampler.ts';
export { processSampler } from './process-sampler.ts';
export { redisSampler, type RedisUsage } from './redis-sampler.ts';
export { startSampling, type Sampler } from './sampling-loop.ts';
export { sampleSeries } from './series.ts';
export { floorOf, slopePerHour, type Slope } from './slope.ts';
