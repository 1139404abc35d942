export interface Flight<T> {
  readonly value: T;
  /** Whether this caller did the work; false when it waited for another's. */
  readonly leader: boolean;
}

/** Lets concurrent callers with one key share one run of the work. Failures are shared and never kept. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  async run(key: string, work: () => Promise<T>): Promise<Flight<T>> {
    const running = this.#flights.get(key);
    if (running !== undefined) return { value: await running, leader: false };
    const flight = work().finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return { value: await flight, leader: true };
  }
}
