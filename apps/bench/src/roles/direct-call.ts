import { byPromise, payloadOf, type Role } from '../role.ts';

/** What waiting for anything costs: a function that answers by a promise. */
export const role: Role = {
  ask: async (setup) => {
    const payload = payloadOf(setup);
    const echo = async (text: string) => text;
    return byPromise(payload, () => echo(payload));
  },
};
