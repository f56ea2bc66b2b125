/** What of `AbortSignal` is used where the platform's own type is not known. */
export interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The platform's `AbortSignal`, in whatever way the program that uses this package types it. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : SignalLike;

declare const AbortController: new () => { readonly signal: Signal; abort(reason: unknown): void };

export interface Aborter {
  readonly signal: Signal;
  abort(reason: unknown): void;
}

export function newAborter(): Aborter {
  return new AbortController();
}
