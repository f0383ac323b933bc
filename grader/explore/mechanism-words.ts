/** What the command says about the mechanisms that can be left out, and about the scenarios that show it: for its help, its list and its messages. */
import type { MechanismName } from '../../labs-runtime/sim/cluster/mechanisms.ts';
import { MECHANISM_NAMES, MECHANISMS } from '../../labs-runtime/sim/cluster/mechanisms.ts';

/** A scenario's name as one word, as people type it. */
export function nameToType(scenario: string): string {
  return scenario.replaceAll(' ', '-');
}

/** The scenario that shows what goes wrong without a mechanism, as people type it. */
export function scenarioToType(name: MechanismName): string {
  return nameToType(MECHANISMS[name].shownBy);
}

/** `flag (partition), fencing (overlapping-requests)`: every mechanism with the scenario that shows it. */
export function mechanismList(): string {
  return MECHANISM_NAMES.map((name) => `${name} (${scenarioToType(name)})`).join(', ');
}
