/** Below this an operation waits for a person. */
export const CONFIDENCE_THRESHOLD = 0.7;

/** Whether a result, trusted from 0 to 1, can do without a person. */
export type Judge = (confidence: number) => boolean;

export const sureEnough: Judge = (confidence) => confidence >= CONFIDENCE_THRESHOLD;
