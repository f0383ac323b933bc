/**
 * Changes a cluster's state for one event. Where a search keeps the states before, every part that an event touches is copied at its first touch, and
 * what it does not touch stays shared.
 */
import type { GuestSlot } from '../../ft/replica/guest-slot.ts';
import type { ServerId } from '../../ft/replica/messages.ts';
import type { ReplicaState } from '../../ft/replica/state.ts';
import type { ClusterState, ServerState, Wire } from './cluster-state.ts';
import { wireOf } from './cluster-state.ts';
import { copyPlain } from './plain-data.ts';
import type { Scenario } from './scenario.ts';

/** What stays the same in all states of a cluster. */
export interface ClusterPlace {
  scenario: Scenario;
  /** The machine of each server. */
  slots: readonly GuestSlot[];
  /** The state of a machine that has just been made: what a server holds before pages arrive. */
  empty: ReplicaState['guest'];
  /** Whether states before an event stay as they are, as a search needs, or events change the state in place. */
  keepsStates: boolean;
}

export class Editor {
  readonly place: ClusterPlace;
  state: ClusterState;
  /** Parts of the state that this event has copied for itself. */
  readonly #own = new Set<object>();

  constructor(place: ClusterPlace, state: ClusterState) {
    this.place = place;
    this.state = state;
  }

  get scenario(): Scenario {
    return this.place.scenario;
  }

  /** Begins an event: what was touched before is not this event's any more. */
  begin(): void {
    this.#own.clear();
    if (this.place.keepsStates) this.state = { ...this.state };
  }

  /** A part of the state, for this event to change. */
  edit<Key extends 'network' | 'storage' | 'disk' | 'witness' | 'left'>(key: Key): ClusterState[Key] {
    return this.#ownOf(this.state[key], (copy) => (this.state[key] = copy));
  }

  editServer(server: ServerId): ServerState {
    return this.#editItem('servers', server);
  }

  /** Another server in its place, which no event may change. */
  putServer(server: ServerId, shared: ServerState): void {
    this.#ownList('servers')[server] = shared;
  }

  editWire(from: ServerId, to: ServerId): Wire {
    return this.#editItem('wires', wireOf(this.state, from, to));
  }

  editClient(client: number): ClusterState['clients'][number] {
    return this.#editItem('clients', client);
  }

  #editItem<Key extends 'servers' | 'wires' | 'clients'>(key: Key, index: number): ClusterState[Key][number] {
    const list = this.#ownList(key);
    return this.#ownOf<ClusterState[Key][number]>(list[index]!, (copy) => (list[index] = copy));
  }

  /** The list itself is copied without its items: an event changes few of them. */
  #ownList<Key extends 'servers' | 'wires' | 'clients'>(key: Key): ClusterState[Key] {
    const list = this.state[key];
    if (!this.place.keepsStates || this.#own.has(list)) return list;
    const copy = list.slice() as ClusterState[Key];
    this.#own.add(copy);
    this.state[key] = copy;
    return copy;
  }

  #ownOf<Value extends object>(value: Value, put: (copy: Value) => void): Value {
    if (!this.place.keepsStates || this.#own.has(value)) return value;
    const copy = copyPlain(value);
    this.#own.add(copy);
    put(copy);
    return copy;
  }
}
