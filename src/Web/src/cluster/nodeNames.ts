import type { NodeStatus } from '../api/clusterTypes';

const fewest = 8;

export interface NodeNames {
  /** As many first digits of an id as tell it from all others. */
  readonly short: (id: string) => string;
  readonly zone: (id: string) => string;
  readonly isAlive: (id: string) => boolean;
}

/** Names of the nodes of a cluster; changes only where `nodesKey` of them does. */
export function nodeNames(nodes: readonly NodeStatus[]): NodeNames {
  const byId = new Map(nodes.map((node) => [node.record.id, node]));
  const ids = [...byId.keys()];
  let length = fewest;
  while (length < 32 && new Set(ids.map((id) => id.slice(0, length))).size < ids.length) length += 1;
  return {
    short: (id) => id.slice(0, length),
    zone: (id) => byId.get(id)?.record.zone ?? '',
    isAlive: (id) => byId.get(id)?.alive === true,
  };
}

/** What names are made of. */
export function nodesKey(nodes: readonly NodeStatus[]): string {
  return nodes.map((node) => `${node.record.id} ${node.alive} ${node.record.zone}`).join('\n');
}

/** A text with the ids in it as tables show them. */
export function shortenIds(text: string, names: NodeNames): string {
  return text.replace(/[0-9a-f]{32}/g, (id) => names.short(id));
}

/** How a node is, in one word. */
export function nodeState(node: NodeStatus): 'dead' | 'joining' | 'active' | 'leaving' | 'empty' {
  if (!node.alive) return 'dead';
  return node.record.state === 'leaving' && node.replicas === 0 ? 'empty' : node.record.state;
}
