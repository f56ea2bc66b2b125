import type { RoleName } from './roles.ts';

/** What a role is told of its case. */
export interface Setup {
  readonly role: RoleName;
  /** Which of the things that the role can do; '' where there is one only. */
  readonly variant: string;
  /** Folder of the workspace whose packages are measured. */
  readonly root: string;
  /** Of the brokers that run, by kind. */
  readonly urls: Readonly<Record<string, string>>;
  /** Unlike that of any other case: what it is to have in its names on a broker. */
  readonly scope: string;
  /** Where the answering end is, as it said itself; of several, with spaces between. */
  readonly address: string;
  readonly payloadBytes: number;
}

/** How much is asked: until the time is over, or so many requests are made. */
export interface Load {
  readonly inFlight: number;
  readonly ms: number;
  readonly requestsMax: number;
}

/** What came of it, at the asking end. */
export interface Run {
  readonly requests: number;
  readonly errors: number;
  readonly firstError: string;
  readonly elapsedMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of the whole process, in microseconds. */
  readonly cpuUs: number;
}

/** What a process of the harness is asked; it answers each question once, in order. */
export type Question =
  | { readonly kind: 'serve'; readonly setup: Setup }
  | { readonly kind: 'attach'; readonly setup: Setup }
  | { readonly kind: 'ask'; readonly setup: Setup }
  | { readonly kind: 'run'; readonly load: Load }
  | { readonly kind: 'cpu' };

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };
