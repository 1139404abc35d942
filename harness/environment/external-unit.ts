import { portOf, withoutLocalhost } from '../model/addresses.ts';
import type { AddressProof, FaultProof, Incapacities, ResourceReading } from '../model/environment.ts';
import { MusterError } from '../model/errors.ts';
import type { HttpService, TargetService } from '../model/target.ts';
import { tlsOptionsOf } from '../model/tls.ts';
import { certificateFinding } from './certificate.ts';
import { describeWait, type StartFailure } from './errors.ts';
import { adminAddress, type Store, storeProbe, storeVersion } from './external-store.ts';
import type { ManagedUnit } from './managed-unit.ts';
import { httpProbe, type Probe } from './probes.ts';
import { sanitiseLine } from './sanitise.ts';
import { waitUntilReady } from './wait.ts';

/** A store that runs answers at once; this long it may take to come up. */
const STORE_WITHIN_MS = 5_000;
const NEVER = new Promise<never>(() => undefined);

/** A service that somebody else runs: an address, and whether it answers there. */
export class ExternalUnit implements ManagedUnit {
  readonly name: string;
  readonly kind: ManagedUnit['kind'];
  readonly url: string;
  readonly port: number;
  readonly pid = null;
  readonly container = null;
  readonly restarts = 0;
  readonly readyMs = null;
  readonly identity = {};
  readonly #service: TargetService;
  readonly #cannot: Incapacities;
  #adminUrl: string | null;
  #adminProblem: string | null = null;
  #version: string | null = null;
  #answeredMs: number | null = null;

  /** @param address `url` of the target file, proven to be one of the service's kind. */
  constructor(service: TargetService, address: string, cannot: Incapacities) {
    this.#service = service;
    this.#cannot = cannot;
    this.name = service.name;
    this.kind = service.kind;
    this.url = withoutLocalhost(address).replace(/\/$/, '');
    this.port = portOf(service.kind, address);
    this.#adminUrl = service.kind === 'http' ? this.url : adminOf(service, this.url);
  }

  get adminUrl(): string | null {
    return this.#adminUrl;
  }
  get version(): string | null {
    return this.#version;
  }
  /** When it was asked until it answered: not how long it took to start, which nobody saw. */
  get answeredMs(): number | null {
    return this.#answeredMs;
  }
  /** Answered when it was asked; what became of it since, nobody tells us. */
  get running(): boolean {
    return this.#answeredMs !== null;
  }
  /** Why the given `adminUrl` is of no use, in full sentences; null when it is, or none is given. */
  get adminProblem(): string | null {
    return this.#adminProblem;
  }

  async launch(signal: AbortSignal): Promise<StartFailure | null> {
    const service = this.#service;
    if (service.kind === 'http') return this.#launchHttp(service, signal);
    const failure = await this.#wait(storeProbe(service.kind, this.url), STORE_WITHIN_MS, signal);
    if (failure === null) await this.#lookInside(service, signal);
    return failure;
  }

  /** A certificate that is not accepted will not be after waiting either. @throws MusterError (config) when it is for the target file to mend. */
  async #launchHttp(service: HttpService, signal: AbortSignal): Promise<StartFailure | null> {
    const address = { url: this.url, tls: tlsOptionsOf(service.tls) };
    const probe = httpProbe(address, service.ready, passwordsOf(this.url));
    if (address.url.startsWith('https:')) {
      const first = await probe();
      signal.throwIfAborted();
      const reason = first.ready ? null : await certificateFinding({ name: this.name, ...address, seen: first.seen });
      if (reason !== null) return { reason, attempts: 1, lastSeen: first.seen, waitedMs: 0, exit: null, logTail: [] };
    }
    return this.#wait(probe, service.ready.withinMs, signal);
  }

  start(): Promise<FaultProof> {
    return Promise.reject(this.#notOurs('started'));
  }

  stop(): Promise<FaultProof> {
    return Promise.reject(this.#notOurs('stopped'));
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }

  logTail(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  addressProof(): Promise<AddressProof> {
    return Promise.resolve({ ok: null, seen: this.#cannot['address-proof'] ?? 'Muster did not start it' });
  }

  reading(): Promise<ResourceReading | null> {
    return Promise.resolve(null);
  }

  async #wait(probe: Probe, withinMs: number, signal: AbortSignal): Promise<StartFailure | null> {
    const result = await waitUntilReady({ probe, withinMs, interrupted: NEVER, signal });
    if (result.outcome === 'ready') {
      this.#answeredMs = result.waitedMs;
      return null;
    }
    const { attempts, lastSeen, waitedMs } = result;
    const reason = `"${this.name}" did not answer as ready at ${shown(this.url)} (${describeWait(result)}).`;
    return { reason, attempts, lastSeen, waitedMs, exit: null, logTail: [] };
  }

  /** Asks for the version, and whether the way in that was given leads in: one that does not is as good as none. */
  async #lookInside({ kind, name }: Store, signal: AbortSignal): Promise<void> {
    this.#version = await storeVersion(kind, this.url);
    const adminUrl = this.#adminUrl;
    if (adminUrl === null) return;
    const { ready, seen } = await storeProbe(kind, adminUrl)();
    signal.throwIfAborted();
    if (ready) return;
    this.#adminUrl = null;
    const clean = sanitiseLine(seen, passwordsOf(adminUrl));
    this.#adminProblem = `The \`adminUrl\` of "${name}" does not lead in: ${clean}.`;
  }

  #notOurs(what: 'started' | 'stopped'): MusterError {
    return new MusterError(`"${this.name}" cannot be ${what}: Muster did not start it.`, {
      code: 'MUSTER_NOT_OURS',
      blame: 'harness',
      hint: 'Give the criterion `needs: process-faults`, so that it is not run with the provider external.',
    });
  }
}

function adminOf(service: Store, url: string): string | null {
  const address = adminAddress({ url, adminUrl: service.adminUrl });
  return address === null ? null : withoutLocalhost(address);
}

function passwordsOf(address: string): readonly string[] {
  const { password } = new URL(address);
  return password === '' ? [] : [password, decodeURIComponent(password)];
}

/** Host, port and path. */
function shown(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
