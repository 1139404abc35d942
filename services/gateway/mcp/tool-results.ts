import { ServiceError, type ErrorCode } from '../../shared/service-error.ts';
import { translateDatabaseError } from '../database/errors.ts';
import type { ToolOutput } from './tools.ts';

/** What MCP's `tools/call` answers with. */
export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent?: ToolOutput;
  readonly isError: boolean;
}

/** How the outcome of a tool is told to the model that called it. */
export interface ToolResults {
  success(output: ToolOutput): ToolResult;
  failure(error: ServiceError): ToolResult;
}

export const TOOL_RESULTS: ToolResults = {
  success: (output) => ({ content: [text(output)], structuredContent: output, isError: false }),
  failure: ({ code, message, details }) => ({
    content: [text({ error: { code, message, ...(details === undefined ? {} : { details }) } })],
    isError: true,
  }),
};

/** About the caller, not about what the tool did: an error of the protocol. */
const NOT_OF_THE_TOOL: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'forbidden']);

/** The tool's own failures are results, so that the model can read them; @throws everything else. */
export async function toToolResult(results: ToolResults, work: () => Promise<ToolOutput>): Promise<ToolResult> {
  try {
    // As JSON: the same for both transports, and what a store returned as a date is a text.
    return results.success(JSON.parse(JSON.stringify(await work())) as ToolOutput);
  } catch (error) {
    const known = error instanceof ServiceError ? error : translateDatabaseError(error);
    if (known === null || NOT_OF_THE_TOOL.has(known.code)) throw error;
    return results.failure(known);
  }
}

function text(value: unknown): { readonly type: 'text'; readonly text: string } {
  return { type: 'text', text: JSON.stringify(value) };
}
