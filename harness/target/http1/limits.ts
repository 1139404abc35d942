/** Our own limits, far above what an answer to one request should have; the same as those of the other HTTP client. */
export const MAX_HEAD_BYTES = 16 * 1024;
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
