/**
 * The output gate in the world: every operation that a host's guest makes passes it, and what it releases is done. It watches every effect and
 * reports each rule of the gate that is broken. VMware FT, section 2.2. Without a gate, everything is done at once: the output rule is off.
 */
import type { Role } from '../ft/channel-api.ts';
import { isOutput } from '../ft/output-gate.ts';
import type { Operation, OutputGateEffect, OutputGateInput, OutputGateOptions } from '../ft/output-gate-api.ts';
import { outputGateShapes } from './effect-shapes.ts';
import { PartEnd } from './part-end.ts';
import type { OutputGatePart } from './part-end.ts';
import type { GateRule } from './rules.ts';
import type { RunRecord } from './run-record.ts';

export interface OutputStageOptions {
  run: RunRecord;
  part: OutputGatePart | undefined;
  role: Role;
  stateBytesMax: number;
  stall: () => void;
  resume: () => void;
}

/** An operation that the guest has made. */
interface Made {
  operation: number;
  seq: number;
  what: Operation;
  isOutput: boolean;
  /** What it is, for messages, e.g. `console byte "7"`. */
  name: string;
  perform: () => void;
}

export class OutputStage {
  readonly #options: OutputStageOptions;
  readonly #gate: PartEnd<OutputGateOptions, OutputGateInput, OutputGateEffect> | undefined;
  /** Made and not released, in order. */
  readonly #held = new Map<number, Made>();
  /** Outputs on their way to the gate: the device that takes them from the guest is slower than the log. */
  readonly #late: Made[] = [];
  /** How many acknowledgements come before they do; 0 if there is no delay. */
  #lateBy = 0;
  /** Done although the gate held them, so that the guest could go on; a release of theirs comes too late to do anything. */
  readonly #passed = new Set<number>();
  #operations = 0;
  #acknowledgedSeq = 0;
  #alone = false;
  #repeats = false;

  constructor(options: OutputStageOptions) {
    this.#options = options;
    const { part, role, run, stateBytesMax } = options;
    if (part === undefined) return;
    this.#gate = new PartEnd({
      part,
      options: { acknowledgedSeq: 0 },
      role,
      name: 'output gate',
      shapes: outputGateShapes,
      run,
      stateBytesMax,
    });
  }

  /** Outputs made and not released. */
  get outputsHeld(): number {
    return [...this.#held.values()].filter((made) => made.isOutput).length + this.#late.length;
  }

  /** The next output reaches the gate only after so many acknowledgements, and those that the guest makes meanwhile come with it. */
  delayNext(acknowledgements: number): void {
    if (this.#late.length === 0) this.#lateBy = acknowledgements;
  }

  /** The guest makes an operation; `seq` is the newest log entry. `perform` is called once it is released. */
  operation(operation: Operation, seq: number, name: string, perform: () => void): void {
    if (this.#gate === undefined) return perform();
    const { run, role } = this.#options;
    const made = { operation: ++this.#operations, seq, what: operation, isOutput: isOutput(operation), name, perform };
    if (made.isOutput) run.trace.made(role, made.operation, name, seq);
    if (made.isOutput && this.#lateBy > 0) this.#late.push(made);
    else this.#tell(made);
  }

  /** The backup holds every entry up to `seq`. */
  acknowledged(seq: number): void {
    this.#acknowledgedSeq = Math.max(this.#acknowledgedSeq, seq);
    this.#step({ kind: 'acknowledged', seq });
    this.#expectReleased('acknowledged');
    if (this.#late.length > 0 && --this.#lateBy === 0) this.#tellLate();
  }

  /** This host goes on alone. */
  peerLost(): void {
    this.#alone = true;
    this.#step({ kind: 'peer lost' });
    this.#expectReleased('peer lost');
    this.#lateBy = 0;
    this.#tellLate();
  }

  #tell(made: Made): void {
    const { operation, seq, what, isOutput } = made;
    this.#held.set(operation, made);
    this.#step({ kind: 'operation', operation, seq, ...what });
    if (!isOutput) this.#expectPassed(made);
    this.#expectReleased('made');
  }

  #tellLate(): void {
    const { run, role } = this.#options;
    for (const made of this.#late.splice(0)) {
      run.trace.note(role, `output ${made.operation} reaches the gate`);
      this.#tell(made);
    }
  }

  #step(input: OutputGateInput): void {
    for (const effect of this.#gate?.step(input) ?? []) this.#carryOut(effect);
  }

  #carryOut(effect: OutputGateEffect): void {
    const { run, role, stall, resume } = this.#options;
    if (effect.kind === 'release') return this.#release(effect.operation);
    if (effect.kind === 'resume') return resume();
    run.trace.note(role, 'the gate stalls the guest');
    this.#report('guest runs', 'a guest that runs on while its outputs wait', `the gate asks for 'stall'`);
    stall();
  }

  #release(operation: number): void {
    const made = this.#held.get(operation);
    if (this.#passed.delete(operation)) return;
    if (made === undefined) return this.#judgeRepetition(operation);
    this.#held.delete(operation);
    made.perform();
    if (made.isOutput) this.#judgeRelease(made);
  }

  /** Of a gate that repeats itself only the first time is told: it may do so at every step. */
  #judgeRepetition(operation: number): void {
    if (this.#repeats) return;
    this.#repeats = true;
    const { run, role } = this.#options;
    const why = operation > this.#operations || operation === 0 ? 'which the guest has not made' : 'which has left already';
    run.trace.note(role, `operation ${operation} is released, ${why}`);
    this.#report('output once', 'each operation of the guest released once', `operation ${operation} released, ${why}`);
  }

  #judgeRelease({ operation, seq, what, name }: Made): void {
    if (!this.#alone && seq > this.#acknowledgedSeq) {
      const rule: GateRule = seq === this.#acknowledgedSeq + 1 ? 'own entry' : what.device === 'console' ? 'console held' : 'network held';
      const held = this.#acknowledgedSeq === 0 ? 'nothing is acknowledged' : `entries up to ${this.#acknowledgedSeq} are acknowledged`;
      this.#report(rule, `output ${operation}, ${name}, held until entry ${seq} is acknowledged`, `it is released while ${held}`);
    }
    const earlier = [...this.#held.values()].find((other) => other.isOutput && other.operation < operation);
    if (earlier !== undefined)
      this.#report(
        'output order',
        `output ${earlier.operation}, ${earlier.name}, first`,
        `output ${operation}, ${name}, is released before it`,
      );
  }

  /** What stays inside the machine has passed in the step in which it was made; if not, it is done all the same, late. */
  #expectPassed(made: Made): void {
    const { run, role } = this.#options;
    if (!this.#held.delete(made.operation)) return;
    const wait = made.what.device === 'clock' ? 'the guest cannot go on without the value' : 'the next frame finds no room';
    run.trace.note(role, `${made.name} is held`);
    this.#report('inside passes', `operation ${made.operation}, ${made.name}, released at once`, `it is held, and ${wait}`);
    this.#passed.add(made.operation);
    made.perform();
  }

  #expectReleased(after: 'made' | 'acknowledged' | 'peer lost'): void {
    const late = [...this.#held.values()].find(({ seq }) => this.#alone || seq <= this.#acknowledgedSeq);
    if (late === undefined) return;
    const { operation, seq, name } = late;
    if (this.#alone) {
      const when = after === 'peer lost' ? 'now that no backup is left' : 'since no backup is left';
      return this.#report('alone', `output ${operation}, ${name}, released at once ${when}`, 'it is held');
    }
    this.#report('prompt', `output ${operation}, ${name}, released as soon as entry ${seq} is acknowledged`, 'it is held');
  }

  /** Reports a breach, with what the machine did last as the row that shows it. */
  #report(rule: GateRule, expected: string, observed: string): void {
    const { run, role } = this.#options;
    run.report(rule, role, expected, observed, run.trace.rowOf(role));
  }
}
