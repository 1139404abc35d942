import type { LoadResult } from '../load/index.ts';

type Window = LoadResult['windows'][number];
type PackedWindow = Omit<Window, 'latenciesMs'> & { readonly latencies: string };
type PackedOperation = Omit<LoadResult['operations'][number], 'windows'> & { readonly windows: readonly PackedWindow[] };

/**
 * A result as it travels over the control channel: a million latencies as base64 of their bytes. As JSON numbers they would be twice as
 * long, and both ends would be busy with them for a second.
 */
export type PackedLoad = Omit<LoadResult, 'windows' | 'operations'> & {
  readonly windows: readonly PackedWindow[];
  readonly operations: readonly PackedOperation[];
};

export function packLoad(result: LoadResult): PackedLoad {
  const operations = result.operations.map((operation) => ({ ...operation, windows: operation.windows.map(packWindow) }));
  return { ...result, windows: result.windows.map(packWindow), operations };
}

export function unpackLoad(packed: PackedLoad): LoadResult {
  const operations = packed.operations.map((operation) => ({ ...operation, windows: operation.windows.map(unpackWindow) }));
  return { ...packed, windows: packed.windows.map(unpackWindow), operations };
}

function packWindow({ latenciesMs, ...rest }: Window): PackedWindow {
  return { ...rest, latencies: Buffer.from(Float64Array.from(latenciesMs).buffer).toString('base64') };
}

function unpackWindow({ latencies, ...rest }: PackedWindow): Window {
  // A copy of its own: bytes from the pool of small buffers need not begin where a Float64Array may.
  const bytes = Uint8Array.from(Buffer.from(latencies, 'base64'));
  return { ...rest, latenciesMs: Array.from(new Float64Array(bytes.buffer)) };
}
