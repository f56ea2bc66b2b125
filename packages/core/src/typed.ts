import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Context } from './context.ts';
import type { Contract, EventDefinition, Fn, Group, NoErrors, Schema } from './contract.ts';
import type { SwarmError } from './errors.ts';

/**
 * The types of calls and handlers, from the groups of a contract. Without a contract a group is
 * {@link Untyped}: any name will do, and values are `unknown`.
 */
export type Untyped = 'untyped';
export type AnyGroup = Group | Untyped;
/** A contract, or none. */
export type AnyContract = Contract | undefined;

/** One group of an optional contract. */
export type GroupOf<C, Kind extends 'node' | 'client' | 'server'> =
  C extends Contract<infer G> ? G[Kind] : Untyped;

// Any, where only the kind of member is asked for and its shape must not be narrowed.
// biome-ignore lint/suspicious/noExplicitAny: see above
type AnyFn = Fn<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: see above
type AnyEvent = EventDefinition<any>;

/** Dotted names of the members of `G` that are `M`s. */
type Names<G, M, Prefix extends string = ''> = string extends keyof G
  ? string
  : {
      [K in keyof G & string]: G[K] extends M
        ? `${Prefix}${K}`
        : G[K] extends AnyFn | AnyEvent
          ? never
          : Names<G[K], M, `${Prefix}${K}.`>;
    }[keyof G & string];

/** The member of `G` with the dotted name `N`. */
type At<G, N> = N extends keyof G
  ? G[N]
  : N extends `${infer Head}.${infer Tail}`
    ? Head extends keyof G
      ? At<G[Head], Tail>
      : never
    : never;

export type FnName<G> = G extends Untyped ? string : Names<G, AnyFn>;
export type EventName<G> = G extends Untyped ? string : Names<G, AnyEvent>;
/** A name with wildcards, which no contract lists. */
export type PatternName = `${string}*${string}` | `${string}>`;
export type HandlerName<G> = FnName<G> | EventName<G> | PatternName;

type Input<S> = S extends Schema ? StandardSchemaV1.InferInput<S> : unknown;
type Output<S> = S extends Schema ? StandardSchemaV1.InferOutput<S> : unknown;

type Inputs<A extends readonly unknown[]> = { -readonly [I in keyof A]: Input<A[I]> };
type Outputs<A extends readonly unknown[]> = { -readonly [I in keyof A]: Output<A[I]> };
/** Trailing arguments that may be undefined may be left out. */
type GivenInputs<A extends readonly unknown[]> = A extends readonly [...infer Init, infer Last]
  ? undefined extends Input<Last>
    ? [...GivenInputs<Init>, Input<Last>?]
    : Inputs<A>
  : [];

// biome-ignore lint/suspicious/noExplicitAny: the other parts of a function do not matter here
type ArgsOf<M> = M extends Fn<infer A, any, any> | EventDefinition<infer A> ? A : [];
// biome-ignore lint/suspicious/noExplicitAny: see above
type ResultOf<M> = M extends Fn<any, infer R, any> ? R : null;
// biome-ignore lint/suspicious/noExplicitAny: see above
type ErrorsOf<M> = M extends Fn<any, any, infer E> ? E : NoErrors;

/** What a caller gives. */
export type CallArgs<G, N> = G extends Untyped ? unknown[] : GivenInputs<ArgsOf<At<G, N>>>;
/** What a caller gets. */
export type CallResult<G, N> = G extends Untyped ? unknown : Output<ResultOf<At<G, N>>>;

/** An error with a declared code and its data, or any other. */
export type CallError<Errors> =
  | {
      [K in keyof Errors & string]: SwarmError & {
        readonly code: K;
        readonly data: Output<Errors[K]>;
      };
    }[keyof Errors & string]
  | (SwarmError & { readonly code: null });

/** How a call ended, without a throw. */
export type Safe<Result, Errors> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: CallError<Errors> };

/** A call by its name as a property. */
export interface CallFn<M> {
  (...args: GivenInputs<ArgsOf<M>>): Promise<Output<ResultOf<M>>>;
  /** The same, with a failure as a value; only a call that could never be sent rejects. */
  safe(...args: GivenInputs<ArgsOf<M>>): Promise<Safe<Output<ResultOf<M>>, ErrorsOf<M>>>;
}

/** Any name as a property, for calls without a contract. */
export type UntypedCallTree = UntypedCallFn & { readonly [name: string]: UntypedCallTree };

interface UntypedCallFn {
  (...args: unknown[]): Promise<unknown>;
  readonly safe: ((...args: unknown[]) => Promise<Safe<unknown, NoErrors>>) & UntypedCallTree;
}

/** Functions as properties; nested groups are nested properties. */
export type CallTree<G> = G extends Untyped
  ? { readonly [name: string]: UntypedCallTree }
  : {
      readonly [K in keyof G as G[K] extends AnyEvent ? never : K]: G[K] extends AnyFn
        ? CallFn<G[K]>
        : CallTree<G[K]>;
    };

type MaybePromise<T> = T | Promise<T>;

/** A handler's context with the errors its function declares. */
export type TypedContext<N, Errors> = Omit<Context<N>, 'fail'> & {
  /** Refuse with an error the contract declares. */
  fail<K extends keyof Errors & string>(code: K, data: Input<Errors[K]>): never;
};

type UntypedHandler<N> = {
  // A method, so that handlers may give their arguments the types they expect.
  bivariant(ctx: Context<N>, ...args: unknown[]): unknown;
}['bivariant'];

/** Answers `N`; `undefined` leaves the result to the handlers before and after. */
export type HandlerOf<G, Name, N> = G extends Untyped
  ? UntypedHandler<N>
  : At<G, Name> extends infer M
    ? [M] extends [never]
      ? UntypedHandler<N>
      : MemberHandler<M, N, undefined>
    : never;

type MemberHandler<M, N, Nothing> =
  M extends EventDefinition<infer A>
    ? (ctx: Context<N>, ...args: Outputs<A>) => unknown
    : M extends Fn<infer A, infer R, infer E>
      ? (ctx: TypedContext<N, E>, ...args: Outputs<A>) => MaybePromise<Input<R> | Nothing>
      : never;

/** Stands before a client: sees and returns arguments as they were sent. */
export type RewriterOf<G, Name, N> = G extends Untyped
  ? UntypedHandler<N>
  : At<G, Name> extends infer M
    ? [M] extends [never]
      ? UntypedHandler<N>
      : MemberRewriter<M, N>
    : never;

type MemberRewriter<M, N> =
  M extends Fn<infer A, infer _R, infer E>
    ? Rewriter<TypedContext<N, E>, Inputs<A>>
    : M extends EventDefinition<infer A>
      ? Rewriter<Context<N>, Inputs<A>>
      : never;

type Rewriter<C, Args extends readonly unknown[]> = (
  ctx: C,
  ...args: Args
) => MaybePromise<Rewritten<Args>>;

/** New arguments, the one argument there is, or undefined to keep what came. */
type Rewritten<Args> = Args | (Args extends [infer Only] ? Only : never) | undefined;

type EventKeys<G> = { [K in keyof G]: G[K] extends AnyEvent ? K : never }[keyof G];

/** A handler for every function of a group; events may be left out. */
export type HandlersOf<G, N> = G extends Untyped
  ? UntypedTable<UntypedHandler<N>>
  : {
      readonly [K in Exclude<keyof G, EventKeys<G>>]: G[K] extends AnyFn
        ? MemberHandler<G[K], N, never>
        : HandlersOf<G[K], N>;
    } & {
      readonly [K in EventKeys<G>]?: MemberHandler<G[K], N, never>;
    };

/** What stands before a client, by name; most names need nothing. */
export type RewritersOf<G, N> = G extends Untyped
  ? UntypedTable<UntypedHandler<N>>
  : {
      readonly [K in keyof G]?: G[K] extends AnyFn | AnyEvent
        ? MemberRewriter<G[K], N>
        : RewritersOf<G[K], N>;
    };

interface UntypedTable<H> {
  readonly [name: string]: H | UntypedTable<H>;
}
