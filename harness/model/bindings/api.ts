import type { HttpTemplate } from '../target.ts';

/** The document of the interface itself. */
export interface ApiBindings {
  /** What the service says it can be asked. No variables of its own. */
  readonly openapi?: OpenapiBinding;
}

export interface OpenapiBinding {
  /** Answers with an OpenAPI 3 document in JSON; what it describes is asked of the same service, with the same headers. */
  readonly http: HttpTemplate;
  /** Headers that make a caller one who may. None: everybody may. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Operations that are never asked, as `POST /path`, with the path as the document writes it. */
  readonly leaveOut: readonly string[];
}
