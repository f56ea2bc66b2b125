import { describe, expect, it } from 'vitest';
import { Ownership } from '../src/machine/ownership.ts';
import { OTHER, OWN, RouterRecorder, routerConfig, thrownRefusal } from './hosts.ts';

function newOwnership(takeover: 'newest' | 'oldest' = 'newest') {
  const host = new RouterRecorder();
  const owned = new Ownership<string>(host, routerConfig({}, takeover));
  host.onEvict = (node) => {
    for (const [id, present] of owned.nodes) {
      if (present === node) owned.remove(id, node, 'evicted');
    }
  };
  return { host, owned };
}

describe('Ownership in one process', () => {
  it('reports who joins and who leaves', () => {
    const { host, owned } = newOwnership();

    owned.add('id', 'node');
    expect([...owned.nodes]).toEqual([['id', 'node']]);
    owned.remove('id', 'node', 'gone');
    owned.remove('id', 'node', 'gone again');

    expect(host.membership).toEqual(['joined id node', 'left id node gone']);
    expect(owned.nodes.size).toBe(0);
  });

  it('newest: replaces the present owner, who has left before the new one joins', () => {
    const { host, owned } = newOwnership('newest');

    owned.add('id', 'old');
    owned.add('id', 'new');

    expect(host.membership).toEqual([
      'joined id old',
      'evict old replaced',
      'left id old evicted',
      'joined id new',
    ]);
    expect(owned.nodes.get('id')).toBe('new');
  });

  it('oldest: refuses the new one', () => {
    const { host, owned } = newOwnership('oldest');
    owned.add('id', 'old');

    expect(() => owned.add('id', 'new')).toThrow(thrownRefusal('forbidden', 'no'));

    expect(owned.nodes.get('id')).toBe('old');
    expect(host.membership).toEqual(['joined id old']);
  });

  it('does not remove the present owner for one it replaced', () => {
    const { owned } = newOwnership();
    owned.add('id', 'present');

    owned.remove('id', 'replaced', 'late');

    expect(owned.nodes.get('id')).toBe('present');
  });
});

describe('Ownership between processes', () => {
  it('newest: yields to a claim of another process', () => {
    const { host, owned } = newOwnership('newest');
    owned.add('id', 'node');

    expect(owned.claimed('id', OTHER)).toBe(false);

    expect(host.membership).toContain('evict node replaced');
    expect(owned.nodes.size).toBe(0);
  });

  it('oldest: keeps the id, and the claimant must be told', () => {
    const { owned } = newOwnership('oldest');
    owned.add('id', 'node');

    expect(owned.claimed('id', OTHER)).toBe(true);

    expect(owned.nodes.get('id')).toBe('node');
  });

  it('has nothing to say about an id it does not own', () => {
    for (const takeover of ['newest', 'oldest'] as const) {
      const { host, owned } = newOwnership(takeover);

      expect(owned.claimed('id', OTHER)).toBe(false);
      owned.taken('id');

      expect(host.membership).toEqual([]);
    }
  });

  it('lets a claim pass that comes before its own: that one has lost', () => {
    for (const takeover of ['newest', 'oldest'] as const) {
      const { owned } = newOwnership(takeover);
      owned.add('id', 'node');
      owned.claiming('id');

      expect(owned.claimed('id', OTHER)).toBe(false);

      expect(owned.nodes.get('id')).toBe('node');
    }
  });

  it('heeds a claim that comes after its own', () => {
    const { host, owned } = newOwnership('newest');
    owned.add('id', 'node');
    owned.claiming('id');

    owned.claimed('id', OWN);
    expect(owned.nodes.get('id')).toBe('node');
    owned.claimed('id', OTHER);

    expect(host.membership).toContain('evict node replaced');
  });

  it('gives up a node whose id was taken', () => {
    const { host, owned } = newOwnership();
    owned.add('id', 'node');

    owned.taken('id');

    expect(host.membership).toContain('evict node taken');
  });

  it('forgets a claim with the node it was made for', () => {
    const { owned } = newOwnership('oldest');
    owned.add('id', 'first');
    owned.claiming('id');
    owned.remove('id', 'first', 'gone');
    owned.add('id', 'second');

    expect(owned.claimed('id', OTHER)).toBe(true);
  });

  // Two quick owners of one id in one process: only the second one's own claim counts for it.
  it('does not take the claim of an earlier node for that of the present one', () => {
    const { owned } = newOwnership('newest');
    owned.add('id', 'first');
    owned.claiming('id');
    owned.remove('id', 'first', 'gone');
    owned.add('id', 'second');
    owned.claiming('id');

    owned.claimed('id', OWN);
    owned.claimed('id', OTHER);
    owned.claimed('id', OWN);

    expect(owned.nodes.get('id')).toBe('second');
  });
});
