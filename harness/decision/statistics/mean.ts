import { toBatches } from './batches.ts';
import { tQuantile } from './student-t.ts';

export interface MeanEstimate {
  readonly value: number;
  /** One-sided t-bounds; null for a single sample. */
  readonly low: number | null;
  readonly high: number | null;
  readonly deff: number;
}

/** Mean of independent samples with one-sided t-bounds. `samples` must not be empty. */
export function meanEstimate(samples: readonly number[], confidence: number): MeanEstimate {
  return bounded(samples, confidence, { deff: 1, degrees: samples.length - 1 });
}

/**
 * Mean of consecutive windows of one run (or of runs). From 40 windows on they are joined to batches and the bounds are
 * widened by how much more the batches scatter than independent windows would.
 */
export function seriesMeanEstimate(windows: readonly number[], confidence: number): MeanEstimate {
  const batches = toBatches(windows);
  const isConstant = windows.every((window) => window === windows[0]);
  if (batches === undefined || isConstant) return meanEstimate(windows, confidence);
  const batchVariance = varianceOf(batches.map(meanOf));
  const deff = Math.max(1, (batchVariance * (windows.length / batches.length)) / varianceOf(windows));
  return bounded(windows, confidence, { deff, degrees: batches.length - 1 });
}

function bounded(samples: readonly number[], confidence: number, { deff, degrees }: { deff: number; degrees: number }): MeanEstimate {
  const value = meanOf(samples);
  if (degrees < 1) return { value, low: null, high: null, deff };
  const margin = tQuantile(confidence, degrees) * Math.sqrt((varianceOf(samples) * deff) / samples.length);
  return { value, low: value - margin, high: value + margin, deff };
}

function meanOf(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

/** Unbiased, of at least two samples. */
function varianceOf(samples: readonly number[]): number {
  const mean = meanOf(samples);
  return samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / (samples.length - 1);
}
