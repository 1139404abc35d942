import type { Seams } from '../gateway/seams.ts';
import { withEndpoint } from './with-endpoint.ts';

/** What kinds of agent there are is answered as the next version of the interface will: a kind has a `name` instead of a `slug`. */
export const ANSWER_DRIFTED: Partial<Seams> = withEndpoint('get', '/api/v1/agents/definitions', (row) => ({
  ...row,
  run: async (context, actor) => {
    const { status, body } = await row.run(context, actor);
    const { items } = body as { readonly items: readonly Readonly<Record<string, unknown>>[] };
    return { status, body: { items: items.map(({ slug, ...rest }) => ({ ...rest, name: slug })) } };
  },
}));
