import { describe, expect, it } from 'vitest';
import type { NodeStatus, PartitionStatus } from '../src/api/clusterTypes';
import { keepSame } from '../src/cluster/keepSame';
import { nodeNames, nodesKey, nodeState, shortenIds } from '../src/cluster/nodeNames';
import { listPartitions, type PartitionFilter } from '../src/cluster/partitionList';
import { lagText, laggards } from '../src/cluster/replicaLag';
import { zonesOf } from '../src/cluster/zones';

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(32)) as [string, string, string];

function node(id: string, zone: string, patch: Partial<NodeStatus> = {}, state: NodeStatus['record']['state'] = 'active'): NodeStatus {
  return {
    record: { id, address: `${zone}:9095`, httpAddress: `${zone}:9009`, zone, roles: ['ingester'], state, version: '0.2.0' },
    alive: true, forSeconds: 1, informed: true, primaries: 0, replicas: 1, learners: 0, ...patch,
  };
}

function partition(number: number, patch: Partial<PartitionStatus> = {}): PartitionStatus {
  return {
    partition: number, state: 'healthy', term: 1, replicationFactor: 3, minInSync: 2, wantedReplicationFactor: 3, wantedMinInSync: 2,
    primary: a, inSync: [a, b, c], learners: [], step: null, replica: null, ...patch,
  };
}

const everything: PartitionFilter = { health: 'all', node: '' };

describe('names of nodes', () => {
  it('are as many digits as tell them apart, at least eight', () => {
    expect(nodeNames([node(a, 'x'), node(b, 'y')]).short(a)).toBe('aaaaaaaa');
    const near = `${'a'.repeat(11)}${'b'.repeat(21)}`;
    expect(nodeNames([node(a, 'x'), node(near, 'y')]).short(near)).toBe(`${'a'.repeat(11)}b`);
  });

  it('stand in texts in place of ids', () => {
    expect(shortenIds(`repair: from ${a} to ${b}`, nodeNames([node(a, 'x'), node(b, 'y')]))).toBe('repair: from aaaaaaaa to bbbbbbbb');
  });

  it('change with what they are made of and nothing else', () => {
    expect(nodesKey([node(a, 'x', { primaries: 7 })])).toBe(nodesKey([node(a, 'x')]));
    expect(nodesKey([node(a, 'x', { alive: false })])).not.toBe(nodesKey([node(a, 'x')]));
  });
});

it('a node is dead before anything else, and empty once it has left', () => {
  expect(nodeState(node(a, 'x', { alive: false }, 'leaving'))).toBe('dead');
  expect(nodeState(node(a, 'x', { replicas: 2 }, 'leaving'))).toBe('leaving');
  expect(nodeState(node(a, 'x', { replicas: 0 }, 'leaving'))).toBe('empty');
  expect(nodeState(node(a, 'x'))).toBe('active');
});

it('zones add up their nodes', () => {
  const zones = zonesOf([node(a, 'z2', { primaries: 1, replicas: 3 }), node(b, 'z1', { alive: false }), node(c, 'z2', { primaries: 2, replicas: 4 })]);
  expect(zones).toEqual([
    { name: 'z1', alive: 0, dead: 1, primaries: 0, replicas: 1 },
    { name: 'z2', alive: 2, dead: 0, primaries: 3, replicas: 7 },
  ]);
});

describe('the list of partitions', () => {
  const list = [
    partition(3, { state: 'under_replicated', inSync: [a, b], learners: [c], term: 9 }),
    partition(1, { primary: b }),
    partition(2, { state: 'without_primary', inSync: [b, c], primary: c, step: 'repair: to x' }),
  ];
  const numbers = (filter: PartitionFilter, order: Parameters<typeof listPartitions>[2] = 'partition', descending = false): number[] =>
    listPartitions(list, filter, order, descending).map((item) => item.partition);

  it('is sorted, worst first by health, equal ones by number', () => {
    expect(numbers(everything)).toEqual([1, 2, 3]);
    expect(numbers(everything, 'partition', true)).toEqual([3, 2, 1]);
    expect(numbers(everything, 'health')).toEqual([2, 3, 1]);
    expect(numbers(everything, 'term', true)).toEqual([3, 1, 2]);
    expect(numbers(everything, 'replicas')).toEqual([2, 3, 1]);
    expect(numbers(everything, 'primary')).toEqual([3, 1, 2]);
  });

  it('is filtered by health, by what changes and by node', () => {
    expect(numbers({ ...everything, health: 'without_primary' })).toEqual([2]);
    expect(numbers({ ...everything, health: 'changing' })).toEqual([2, 3]);
    expect(numbers({ ...everything, node: a })).toEqual([1, 3]);
    expect(numbers({ health: 'under_replicated', node: c })).toEqual([3]);
    expect(numbers({ health: 'healthy', node: 'd'.repeat(32) })).toEqual([]);
  });

  it('leaves what it is given as it is', () => {
    numbers(everything);
    expect(list.map((item) => item.partition)).toEqual([3, 1, 2]);
  });
});

describe('what replicas lack', () => {
  const lagging = partition(1, {
    lags: [{ node: a, records: 0, seconds: 0 }, { node: b, records: 12345, seconds: 3.2 }, { node: c, records: null, seconds: 125 }],
  });

  it('is told of those that lack something, the slowest first', () => {
    expect(laggards(lagging)?.map((lag) => `${lag.node[0]} ${lagText(lag)}`)).toEqual(['c ? / 2m5s', 'b 12,345 / 3s']);
    expect(laggards(partition(1, { lags: [{ node: a, records: 0, seconds: 0 }] }))).toEqual([]);
  });

  it('is not known where a node of an earlier version answers', () => {
    expect(laggards(partition(1))).toBeNull();
    expect(laggards(partition(1, { lags: null }))).toBeNull();
  });

  it('is an order of partitions', () => {
    const list = [lagging, partition(2), partition(3, { lags: [{ node: b, records: 1, seconds: 1 }] }), partition(4, { lags: [] })];
    expect(listPartitions(list, everything, 'lag', true).map((item) => item.partition)).toEqual([1, 3, 4, 2]);
  });
});

it('what has not changed stays the same object', () => {
  const before = [partition(1), partition(2)];
  const after = keepSame(before, [partition(2, { term: 2 }), partition(1), partition(5)], (item) => item.partition);
  expect(after[1]).toBe(before[0]);
  expect(after[0]).not.toBe(before[1]);
  expect(after.map((item) => [item.partition, item.term])).toEqual([[2, 2], [1, 1], [5, 1]]);
});
