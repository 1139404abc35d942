import type { HttpTemplate, JsonTemplate, WsTemplate } from '../model/target.ts';
import { readHttpLine } from './quantities.ts';
import type { UserRequest } from './schema-request.ts';

interface UserHttpFields {
  readonly http: string;
  readonly service?: string | undefined;
  readonly body?: JsonTemplate | undefined;
  readonly headers?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Makes the model's form of what `schema-request.ts` reads. */
export type Builders = ReturnType<typeof builders>;

export function builders(firstHttp: string) {
  const fields = (user: UserHttpFields): HttpTemplate => {
    const line = readHttpLine(user.http);
    if (!line.ok) throw new TypeError(`a request passed the schema but not its reader: ${line.problem}`);
    return {
      ...line.value,
      service: user.service ?? firstHttp,
      body: user.body ?? null,
      headers: textHeaders(user.headers),
    };
  };
  const request = (user: UserRequest): HttpTemplate => fields(typeof user === 'string' ? { http: user } : user);
  return {
    fields,
    request,
    optional: (user: UserRequest | undefined): HttpTemplate | undefined => (user === undefined ? undefined : request(user)),
    ws: (user: {
      readonly ws: string;
      readonly service?: string | undefined;
      readonly headers?: UserHttpFields['headers'];
    }): WsTemplate => ({
      path: user.ws,
      service: user.service ?? firstHttp,
      headers: textHeaders(user.headers),
    }),
  };
}

function textHeaders(headers: UserHttpFields['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([key, value]) => [key, String(value)]));
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out keys whose value is undefined, as `exactOptionalPropertyTypes` demands. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
