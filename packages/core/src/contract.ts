import type { StandardSchemaV1 } from '@standard-schema/spec';
import { protocolError, SwarmError } from './errors.ts';
import type { ContractInfo } from './frame.ts';
import { isName, isRecord } from './guard.ts';
import { isPromise } from './promise.ts';

/** Any schema of the Standard Schema family (zod, valibot, arktype…) that answers synchronously. */
export type Schema = StandardSchemaV1;
/** The data of each error a function may fail with, by code. */
export interface ErrorSchemas {
  readonly [code: string]: Schema;
}

/** A function of a contract, as {@link fn} makes it and `returns` and `throws` refine it. */
export class Fn<
  Args extends readonly Schema[] = readonly Schema[],
  Result extends Schema | null = Schema | null,
  Errors extends ErrorSchemas = ErrorSchemas,
> {
  readonly kind: 'fn' = 'fn';
  readonly args: Args;
  readonly result: Result;
  readonly errors: Errors;

  /** @internal */
  constructor(args: Args, result: Result, errors: Errors) {
    this.args = args;
    this.result = result;
    this.errors = errors;
  }

  /** What a handler returns and the caller gets. */
  returns<R extends Schema>(result: R): Fn<Args, R, Errors> {
    return new Fn(this.args, result, this.errors);
  }

  /** The codes a handler may `ctx.fail` with, and the data of each. */
  throws<const E extends ErrorSchemas>(errors: E): Fn<Args, Result, E> {
    return new Fn(this.args, this.result, errors);
  }

  /** Arguments as handlers get them. Throws `invalid`/`no`. @internal */
  parseArgs(name: string, args: readonly unknown[]): readonly unknown[] {
    return parseArgs(this.args, name, args);
  }

  /** A result as the caller gets it. Throws `invalid`/`yes`. @internal */
  parseResult(name: string, value: unknown): unknown {
    if (this.result === null) return value;
    const checked = check(this.result, value, `${name}: its result`);
    if (checked.issues === undefined) return checked.value;
    throw invalid('yes', `the result of ${name} is not valid`, toIssues(checked.issues, 'result'));
  }

  /** A declared error with its data as the caller gets it; any other error as it is. @internal */
  parseError(name: string, error: SwarmError): SwarmError {
    const { code, message, data } = error;
    if (error.type !== 'endpoint' || code === null) return error;
    const schema = Object.hasOwn(this.errors, code) ? this.errors[code] : undefined;
    if (schema === undefined) return new SwarmError(message, { data, cause: error });
    const checked = check(schema, data, `${name}: the data of ${code}`);
    if (checked.issues === undefined) return new SwarmError(message, { code, data: checked.value });
    return invalid('yes', `the data of ${code} is not valid`, toIssues(checked.issues, 'data'));
  }
}

/** An event of a contract, as {@link event} makes it. */
export class EventDefinition<Args extends readonly Schema[] = readonly Schema[]> {
  readonly kind: 'event' = 'event';
  readonly args: Args;

  /** @internal */
  constructor(args: Args) {
    this.args = args;
  }

  /** @internal */
  parseArgs(name: string, args: readonly unknown[]): readonly unknown[] {
    return parseArgs(this.args, name, args);
  }

  /** Whoever asks an event's name gets what the handlers returned. @internal */
  parseResult(_name: string, value: unknown): unknown {
    return value;
  }

  /** @internal */
  parseError(_name: string, error: SwarmError): SwarmError {
    return error;
  }
}

export type Definition = Fn | EventDefinition;

/** Functions and events by name; a group in a group makes dotted names. */
export interface Group {
  // Any, because functions of every shape are groups' members, and their shapes must be inferred.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly [name: string]: Fn<any, any, any> | EventDefinition<any> | Group;
}

/** What each end answers: a node its client, a client its node, a node other nodes. */
export interface Groups {
  readonly node: Group;
  readonly client: Group;
  readonly server: Group;
}

/** A contract: groups of functions and events, and who it is. */
export interface Contract<G extends Groups = Groups> {
  readonly groups: G;
  readonly info: ContractInfo;
  /** @internal */
  readonly definitions: { readonly [K in keyof Groups]: ReadonlyMap<string, Definition> };
}

/** A function; its arguments are what these schemas accept. */
export function fn<const Args extends readonly Schema[]>(...args: Args): Fn<Args, null, NoErrors> {
  return new Fn(args, null, {});
}

/** No declared errors. */
// biome-ignore lint/complexity/noBannedTypes: no codes at all, which `Record<string, never>` is not
export type NoErrors = {};

/** An event: nobody answers it. */
export function event<const Args extends readonly Schema[]>(...args: Args): EventDefinition<Args> {
  return new EventDefinition(args);
}

/** What both ends agree on, grouped by who answers. */
export interface ContractParts {
  readonly node?: Group;
  readonly client?: Group;
  readonly server?: Group;
}

type Filled<P extends ContractParts> = {
  readonly [K in keyof Groups]: P[K] extends Group ? P[K] : NoErrors;
};

/**
 * Agree on names, arguments, results and errors; shared by server, clients and tests.
 *
 * `name` and `version` travel to the other end, which reports another contract as `mismatch`.
 *
 * @throws TypeError for a name that cannot be used as a property, or is too long.
 */
export function contract<const P extends ContractParts>(
  parts: P,
  { name = 'contract', version = '0' }: { readonly name?: string; readonly version?: string } = {},
): Contract<Filled<P>> {
  const { node = {}, client = {}, server = {} } = parts;
  const definitions = { node: flatten(node), client: flatten(client), server: flatten(server) };
  const info = { name, version, hash: fingerprint(definitions) };
  return { groups: { node, client, server } as unknown as Filled<P>, info, definitions };
}

/** Names that a promise or an object would answer itself, and `safe`, which calls have. */
const REFUSED: ReadonlySet<string> = new Set(['then', 'safe', 'prototype']);

function flatten(
  group: Readonly<Record<string, unknown>>,
  prefix = '',
  found: Map<string, Definition> = new Map(),
): Map<string, Definition> {
  for (const [key, member] of Object.entries(group)) {
    const name = prefix + key;
    if (!isKey(key) || !isName(name)) {
      throw new TypeError(`a contract cannot use this name: ${name}`);
    }
    if (isDefinition(member)) found.set(name, member);
    else if (isRecord(member) && !('~standard' in member)) flatten(member, `${name}.`, found);
    else throw new TypeError(`${name} is neither made by fn() or event(), nor a group of these`);
  }
  return found;
}

function isKey(key: string): boolean {
  return key !== '' && !/[.*>]/.test(key) && !REFUSED.has(key) && !(key in Object.prototype);
}

/** By its kind, because a program may have two copies of this package. */
function isDefinition(member: unknown): member is Definition {
  return isRecord(member) && (member['kind'] === 'fn' || member['kind'] === 'event');
}

/** Names, kinds, numbers of arguments and codes in 53 bits: enough to notice another contract. */
function fingerprint(definitions: Contract['definitions']): string {
  const lines = Object.entries(definitions).flatMap(([group, members]) =>
    [...members].map(([name, member]) => {
      const codes = member.kind === 'fn' ? Object.keys(member.errors).sort().join() : 'event';
      return `${group} ${name} ${member.args.length} ${codes}`;
    }),
  );
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const unit of lines.sort().join('\n')) {
    const code = unit.codePointAt(0) ?? 0;
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  return ((high >>> 0) * 2 ** 21 + (low >>> 11)).toString(36);
}

function parseArgs(
  schemas: readonly Schema[],
  name: string,
  args: readonly unknown[],
): readonly unknown[] {
  if (args.length > schemas.length) {
    throw invalid('no', `${name} takes at most ${schemas.length} arguments`, []);
  }
  return schemas.map((schema, index) => {
    const checked = check(schema, args[index], `${name}: argument ${index + 1}`);
    if (checked.issues === undefined) return checked.value;
    const issues = toIssues(checked.issues, `args.${index}`);
    throw invalid('no', `argument ${index + 1} of ${name} is not valid`, issues);
  });
}

function check(schema: Schema, value: unknown, what: string): StandardSchemaV1.Result<unknown> {
  const { validate, vendor } = schema['~standard'];
  const result = validate(value);
  if (isPromise(result)) {
    // Its own failure would be nobody's, and end the process.
    result.then(undefined, () => {});
    throw new TypeError(`${what} has a schema of ${vendor} that answers asynchronously`);
  }
  // JSON has no undefined: what was sent as such arrives as null.
  if (result.issues !== undefined && value === null) {
    const missing = validate(undefined);
    if (isPromise(missing)) missing.then(undefined, () => {});
    else if (missing.issues === undefined) return missing;
  }
  return result;
}

/** One thing wrong with a value, and where: `args.0.price`. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

function toIssues(issues: readonly StandardSchemaV1.Issue[], root: string): readonly Issue[] {
  // Lists of our own: some libraries have classes whose `map` and `slice` do other things.
  return [...issues].slice(0, 16).map(({ path = [], message }) => {
    const keys = [...path].map((part) => String(typeof part === 'object' ? part.key : part));
    return { path: [root, ...keys].join('.'), message };
  });
}

function invalid(delivered: 'no' | 'yes', message: string, issues: readonly Issue[]): SwarmError {
  return protocolError('invalid', delivered, message, { issues });
}
