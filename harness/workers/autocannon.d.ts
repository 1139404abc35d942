/** The part of autocannon 9 that is used; it comes without types. */
declare module 'autocannon' {
  interface Client {
    /** Once all are destroyed, it is over at the next sample. */
    destroy(): void;
    on(event: 'request' | 'timeout', listener: () => void): void;
    on(event: 'connError', listener: (error: Error) => void): void;
    /** @param ms as a fraction; autocannon's own histogram cuts it to whole milliseconds. */
    on(event: 'response', listener: (status: number, bytes: number, ms: number) => void): void;
  }
  interface Options {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly connections: number;
    readonly pipelining: number;
    /** Seconds. */
    readonly duration: number;
    /** Seconds. */
    readonly timeout: number;
    /** Milliseconds. */
    readonly sampleInt: number;
    readonly setupClient: (client: Client) => void;
  }
  /** Starts at once. */
  function autocannon(options: Options, done: (error: Error | null) => void): void;
  namespace autocannon {
    export type { Client, Options };
  }
  export = autocannon;
}
