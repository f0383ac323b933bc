/**
 * How a scenario is broken on purpose: a part behaves as the reference does but for one thing, a mechanism is off, or what a replica asks for is changed
 * on its way out. What a mutant of the protocol is made of (`mutants.ts`).
 */
import type { ReplicaEffect, TransferMessage } from '../../../../labs-runtime/ft/replica/messages.ts';
import type { Mechanisms, PartName, PartTypes, ReplicaOptions, ReplicaParts } from '../../../../labs-runtime/ft/replica/options.ts';
import { referenceParts } from '../../../../labs-runtime/ft/replica/options.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';

/** Makes the scenario in which one thing is broken. */
export type Change = (scenario: Scenario) => Scenario;

/** Spoils what a replica asks for, in place. */
export type Tamper = (effect: ReplicaEffect) => void;

/** A step that is told one thing, and can have the reference step on it, or on something else. */
type BrokenStep<Name extends PartName> = (
  input: PartTypes[Name]['input'],
  reference: (input: PartTypes[Name]['input']) => PartTypes[Name]['effect'][],
  state: unknown,
) => PartTypes[Name]['effect'][];

/** A part whose step is another one. */
export function brokenPart<Name extends PartName>(name: Name, step: BrokenStep<Name>): Change {
  const part: ReplicaParts[Name] = referenceParts[name];
  return withPart(name, {
    start: part.start,
    step: (state, input) => step(input, (other) => part.step(state, other), state),
  } as ReplicaParts[Name]);
}

/** A part that keeps something of its own beside the reference's state. */
export function brokenPartWith<Name extends PartName, Own>(
  name: Name,
  own: () => Own,
  step: (
    own: Own,
    input: PartTypes[Name]['input'],
    reference: (input: PartTypes[Name]['input']) => PartTypes[Name]['effect'][],
  ) => PartTypes[Name]['effect'][],
): Change {
  const part: ReplicaParts[Name] = referenceParts[name];
  return withPart(name, {
    start: (options: PartTypes[Name]['options']) => ({ own: own(), inner: part.start(options) }),
    step(state: { own: Own; inner: unknown }, input: PartTypes[Name]['input']) {
      return step(state.own, input, (other) => part.step(state.inner, other));
    },
  } as ReplicaParts[Name]);
}

/** A part that is started with other options. */
export function startedWith<Name extends PartName>(
  name: Name,
  change: (options: PartTypes[Name]['options']) => PartTypes[Name]['options'],
): Change {
  const part: ReplicaParts[Name] = referenceParts[name];
  return withPart(name, { ...part, start: (options: PartTypes[Name]['options']) => part.start(change(options)) } as ReplicaParts[Name]);
}

function withPart<Name extends PartName>(name: Name, part: ReplicaParts[Name]): Change {
  return withOptions((options) => ({ ...options, parts: { ...options.parts, [name]: part } }));
}

/** A mechanism of the hosts is off. */
export function without(mechanism: keyof Mechanisms): Change {
  return withOptions((options) => ({ ...options, mechanisms: { ...options.mechanisms, [mechanism]: false } }));
}

export function withOptions(change: (options: ReplicaOptions) => ReplicaOptions): Change {
  return (scenario) => ({ ...scenario, options: change(scenario.options) });
}

/** Spoils messages of state transfer of one kind. */
export function tamperedTransfer<Kind extends TransferMessage['kind']>(
  kind: Kind,
  spoil: (message: Extract<TransferMessage, { kind: Kind }>) => void,
): Tamper {
  return (effect) => {
    if (effect.kind === 'transfer' && effect.message.kind === kind) spoil(effect.message as Extract<TransferMessage, { kind: Kind }>);
  };
}
