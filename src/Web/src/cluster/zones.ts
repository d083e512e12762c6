import type { NodeStatus } from '../api/clusterTypes';

export interface Zone {
  readonly name: string;
  readonly alive: number;
  readonly dead: number;
  readonly primaries: number;
  readonly replicas: number;
}

/** What each zone has, by name. */
export function zonesOf(nodes: readonly NodeStatus[]): readonly Zone[] {
  const zones = new Map<string, Zone>();
  for (const node of nodes) {
    const zone = zones.get(node.record.zone) ?? { name: node.record.zone, alive: 0, dead: 0, primaries: 0, replicas: 0 };
    zones.set(zone.name, {
      ...zone,
      alive: zone.alive + (node.alive ? 1 : 0),
      dead: zone.dead + (node.alive ? 0 : 1),
      primaries: zone.primaries + node.primaries,
      replicas: zone.replicas + node.replicas,
    });
  }
  return [...zones.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}
