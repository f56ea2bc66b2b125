/**
 * The bounds that hold at each end of a socket.
 *
 * Those of names, ids, `meta`, nesting and time belong to the protocol: both ends hold to what
 * ships, whatever an option says.
 */
export interface EndLimits {
  /** Requests open at once on one socket, in each direction. */
  readonly openRequestsMax: number;
  /** Frames a client may send before its node is ready. */
  readonly earlyFramesMax: number;
  /** Frames kept for a client whose conversation is not open yet. */
  readonly waitingFramesMax: number;
  /** Greatest message on a client socket, in bytes. */
  readonly socketFrameBytesMax: number;
  /** Names that are kept as functions after `call.name` was first read. */
  readonly cachedNamesMax: number;
  /** Unsent bytes on a socket from which on requests and events to it are refused. */
  readonly socketBufferBytesMax: number;
  /** Unsent bytes from which on a socket that does not read is closed. */
  readonly socketBacklogBytesMax: number;
  /** Pieces a message on a socket may come in. */
  readonly socketFragmentsMax: number;
  /** Pieces of the network a message may come in. */
  readonly socketChunksMax: number;
  /** Messages without meaning that a socket may send in a row; then it is closed. */
  readonly malformedFramesMax: number;
  /** Greatest name of a request or event, in UTF-8 bytes. */
  readonly nameBytesMax: number;
  /** Greatest reason of a close, in UTF-8 bytes: what a close frame has room for. */
  readonly reasonBytesMax: number;
  /** Greatest id of a node, in UTF-8 bytes. */
  readonly nodeIdBytesMax: number;
  /** Greatest correlation id a client may choose, in UTF-16 units. */
  readonly correlationIdCharsMax: number;
  /** Greatest sum of keys and values of `meta`, in UTF-8 bytes. */
  readonly metaBytesMax: number;
  /** Greatest nesting of arrays and objects in a JSON body. */
  readonly jsonDepthMax: number;
  /** Longest time a request may ask for, in ms. */
  readonly timeoutMsMax: number;
}

/** What ships. `createClient` takes a `Partial` of it. */
export const END_LIMITS: EndLimits = {
  openRequestsMax: 1_024,
  earlyFramesMax: 64,
  waitingFramesMax: 1_024,
  socketFrameBytesMax: 1_048_576,
  cachedNamesMax: 1_024,
  socketBufferBytesMax: 1_048_576,
  socketBacklogBytesMax: 4_194_304,
  socketFragmentsMax: 64,
  socketChunksMax: 16_384,
  malformedFramesMax: 3,
  nameBytesMax: 256,
  reasonBytesMax: 123,
  nodeIdBytesMax: 128,
  correlationIdCharsMax: 128,
  metaBytesMax: 1_024,
  jsonDepthMax: 512,
  timeoutMsMax: 86_400_000,
};
