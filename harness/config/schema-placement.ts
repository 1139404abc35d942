import { z } from 'zod';
import { commandText, count, hostName, name, nonEmpty, size } from './leaves.ts';

/** Where a service is, or how it is run in a container: what the providers containers, compose and external read. */
export const placement = {
  image: nonEmpty.optional(),
  compose: name.optional().describe('name of the service in the compose file, when it is another one'),
  resources: z.strictObject({ memory: size.optional(), cpus: z.number().positive().optional() }).optional(),
};

export const storeAddress = { url: nonEmpty.optional(), adminUrl: nonEmpty.optional() };

/** A text in PEM, or the path of a file that holds it. */
const pem = nonEmpty.describe('path of a PEM file, relative to this file; or the text itself');

const tls = z.strictObject({ ca: pem.optional(), cert: pem.optional(), key: pem.optional(), serverName: hostName.optional() });

export const httpPlacement = {
  ...placement,
  url: nonEmpty.optional(),
  tls: tls.optional(),
  build: z
    .strictObject({
      context: nonEmpty,
      dockerfile: nonEmpty.optional(),
      stage: nonEmpty.optional(),
      args: z.record(nonEmpty, z.string()).optional(),
    })
    .optional(),
  containerCommand: z.union([commandText, z.array(z.string()).min(1)]).optional(),
  containerPort: count.max(65_535).optional(),
};

/** The compose file that describes the whole stack. */
export const composeFiles = z.strictObject({
  file: z.union([nonEmpty, z.array(nonEmpty).min(1)]),
  profiles: z.array(nonEmpty).optional(),
});
