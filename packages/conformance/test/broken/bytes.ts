import { type BrokenSwarm, onDeliver, onPublish } from './tamper.ts';

export const brokenBytes: readonly BrokenSwarm[] = [
  {
    what: 'takes bytes for text',
    breaks: ['BYTES-1', 'BYTES-3', 'BYTES-4', 'SIZE-1'],
    tamper: () => {
      return onDeliver((host) => (subject, payload) => {
        const text = new TextDecoder().decode(payload);
        host.deliver(subject, new TextEncoder().encode(text));
      });
    },
  },
  {
    what: 'takes an empty payload for none',
    breaks: ['BYTES-2', 'BYTES-3', 'BYTES-4'],
    tamper: () => {
      return onPublish((link) => (subject, payload, token) => {
        if (payload.length > 0) link.publish(subject, payload, token);
      });
    },
  },
  {
    what: 'sends all of the buffer that a payload is a part of',
    breaks: ['BYTES-3'],
    tamper: () => {
      return onPublish((link) => (subject, { buffer }, token) => {
        link.publish(subject, new Uint8Array(buffer), token);
      });
    },
  },
  {
    what: 'sends the beginning of the buffer that a payload is a part of',
    breaks: ['BYTES-3'],
    tamper: () => {
      return onPublish((link) => (subject, { buffer, length }, token) => {
        link.publish(subject, new Uint8Array(buffer, 0, length), token);
      });
    },
  },
  {
    what: 'delivers messages of 4,001 to 5,000 bytes in one buffer',
    breaks: ['BYTES-4'],
    tamper: () => {
      const shared = new Uint8Array(5_000);
      return onDeliver((host) => (subject, payload) => {
        const { length } = payload;
        if (length <= 4_000 || length > 5_000) return host.deliver(subject, payload);
        shared.set(payload);
        host.deliver(subject, shared.subarray(0, length));
      });
    },
  },
  {
    what: 'cuts off what is over 524,287 bytes',
    breaks: ['SIZE-1'],
    tamper: () =>
      onDeliver((host) => (subject, bytes) => host.deliver(subject, bytes.subarray(0, 524_287))),
  },
  {
    what: 'swallows what is too much',
    breaks: ['SIZE-2'],
    tamper: ({ capabilities }) => {
      return onPublish((link) => (subject, payload, token) => {
        if (payload.length <= capabilities.frameBytesMax) link.publish(subject, payload, token);
      });
    },
  },
  {
    what: 'throws an error of another kind for what is too much',
    breaks: ['SIZE-2'],
    tamper: ({ capabilities }) => {
      return onPublish((link) => (subject, payload, token) => {
        if (payload.length > capabilities.frameBytesMax) throw new RangeError('too much');
        link.publish(subject, payload, token);
      });
    },
  },
  {
    what: 'loses the link by what is too much',
    breaks: ['SIZE-2'],
    tamper: ({ capabilities }) => {
      return onPublish((link, host) => (subject, payload, token) => {
        if (payload.length > capabilities.frameBytesMax) host.lost(new Error('MAX_PAYLOAD'));
        link.publish(subject, payload, token);
      });
    },
  },
  {
    what: 'lets in who wants to publish more than it carries',
    breaks: ['SIZE-3'],
    tamper: ({ capabilities }) => ({
      connect: (connect) => (host) =>
        connect({ ...host, frameBytesMax: capabilities.frameBytesMax }),
    }),
  },
  {
    what: 'carries half of swarmFrameBytesMax',
    breaks: ['SIZE-4'],
    tamper: ({ capabilities }) => {
      const frameBytesMax = capabilities.frameBytesMax / 2;
      return {
        capabilities: { ...capabilities, frameBytesMax },
        ...onPublish((link) => (subject, payload, token) => {
          if (payload.length > frameBytesMax) throw new TypeError('too much');
          link.publish(subject, payload, token);
        }),
      };
    },
  },
];
