/** The hash of a cluster's state, by which a search knows it again. Parts that an event left alone are not hashed again. */
import type { ClusterState } from './cluster-state.ts';
import { hashOnce, hashPlain } from './plain-data.ts';

/** A safe integer. Precondition: the cluster keeps its states, so that no part of this one changes any more. */
export function hashState({
  nowMs,
  servers,
  wires,
  network,
  storage,
  disk,
  attemptsLeft,
  clients,
  witness,
  left,
  breach,
}: ClusterState): number {
  const parts = [
    nowMs,
    hashOnce(network),
    hashOnce(storage),
    hashOnce(disk),
    hashOnce(witness),
    hashOnce(left),
    hashOnce(attemptsLeft),
    breach === null ? 0 : 1,
  ];
  for (const list of [servers, wires, clients]) for (const item of list) parts.push(hashOnce(item));
  return hashPlain(parts);
}
