import { z } from 'zod';
import { headerName, httpLine, name, wsPath } from './leaves.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const headers = z.record(headerName, scalar).optional();

/** What a request is written with: spread into the mapping of a part that has fields of its own. */
export const httpFields = { http: httpLine, service: name.optional(), body: z.json().optional(), headers };
export const wsFields = { ws: wsPath, service: name.optional(), headers };

/** A request: `POST /path/${id}` alone, or a mapping with `service`, `body`, `headers`. */
export const request = z.union([httpLine, z.strictObject(httpFields)]);

export type UserRequest = z.infer<typeof request>;
