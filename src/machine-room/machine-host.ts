/**
 * The worker's side of the machine room: obeys the page's messages and runs the machine in slices, so that no message waits long. All that it
 * needs of its surroundings is an argument, time, waiting, chance and the way to the page; a test is as good a host as a worker.
 */
import { ImageError, RAM_START } from '../../labs-runtime/emulator/machine.ts';
import type { BootOptions } from './boot-options.ts';
import { ConsoleFlow } from './console-flow.ts';
import { setupOf } from './machine-setup.ts';
import { CodeWindow, viewOf, type Look } from './machine-view.ts';
import type { Activity, FromMachine, ToMachine } from './messages.ts';
import { RecordedRun } from './recorded-run.ts';
import { SliceLength } from './slice-length.ts';
import { Throughput } from './throughput.ts';

export interface Surroundings {
  post(message: FromMachine): void;
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Calls back after a time, and after messages that have come meanwhile. Returns what calls it off. */
  later(callback: () => void, delayMs: number): () => void;
  /** Random bytes. */
  entropy(byteCount: number): Uint8Array;
  /** Entries of the log from which on the past is given up. Default: as RecordedRun has it. */
  entriesMax?: number;
}

/** While the machine runs: between two messages with its console's text, about a frame; and between two on its state. */
const CONSOLE_EVERY_MS = 16;
const STATUS_EVERY_MS = 100;

/** The longest wait for a timer at once: the host's own timers end at 24 days. */
const WAIT_MAX_MS = 3_600_000;

interface Booted {
  name: string;
  image: Uint8Array;
  options: BootOptions;
  run: RecordedRun;
}

type ToBooted = Exclude<ToMachine, { kind: 'boot' | 'look' }>;

export class MachineHost {
  readonly #surroundings: Surroundings;
  readonly #console: ConsoleFlow;
  readonly #throughput = new Throughput();
  readonly #slice = new SliceLength();
  readonly #window = new CodeWindow();
  /** What is on the disks of images that were booted before, by their names: a disk outlives the machine. */
  readonly #disks = new Map<string, Uint8Array>();
  #look: Look = { hart: 'turn', memoryAddress: 0, memoryBytes: 0, codeLines: 0, viewEveryMs: Infinity };
  #booted: Booted | undefined;
  #activity: Activity = { kind: 'paused' };
  /** Position to rest at, of a run in the present. */
  #goal = Infinity;
  /** The machine waits for the terminal. */
  #isBlocked = false;
  /** Calls off what is to come next. */
  #callOff: () => void = () => {};
  #consoleMs = -Infinity;
  #statusMs = -Infinity;
  #viewMs = -Infinity;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#console = new ConsoleFlow((bytes) => surroundings.post({ kind: 'console', bytes }));
  }

  /** Does what a message of the page asks for. */
  receive(message: ToMachine): void {
    this.#guarded(() => {
      if (message.kind === 'boot') this.#boot(message.name, message.image, message.options, this.#diskOf(message.name), true);
      else if (message.kind === 'look') this.#lookAt(message.look);
      else if (this.#booted !== undefined) this.#obey(this.#booted, message);
    });
  }

  #obey({ name, image, run }: Booted, message: ToBooted): void {
    switch (message.kind) {
      case 'reset':
        return this.#boot(name, image, message.options, message.disk ?? run.diskContent(), isOnTheMove(this.#activity));
      case 'run':
        return run.isPresent ? this.#runOn(run, Infinity) : this.#travel(run, run.endPosition, Infinity);
      case 'pause':
        return this.#rest(run);
      case 'step':
        return this.#step(run);
      case 'step-back':
        return this.#travel(run, run.position - 1);
      case 'go-to':
        return this.#travel(run, message.position, message.position);
      case 'forget-future':
        run.forgetFuture();
        return this.#rest(run);
      case 'type':
        if (run.isPresent) run.type(message.bytes);
        if (this.#activity.kind === 'waiting') this.#next(() => this.#runSlice(run));
        return;
      case 'shown':
        this.#console.acknowledge(message.byteCount);
        if (this.#isBlocked && !this.#console.isFull) this.#next(() => this.#runSlice(run));
        return;
      case 'hash':
        return this.#surroundings.post({ kind: 'hash', position: run.position, hash: run.machine.stateHash() });
      case 'read-disk':
        return this.#surroundings.post({ kind: 'disk', bytes: run.diskContent() });
    }
  }

  /** Boots, or says why not, and then all is as it was. */
  #boot(name: string, image: Uint8Array, options: BootOptions, disk: Uint8Array, isToRun: boolean): void {
    let run: RecordedRun;
    try {
      run = new RecordedRun({ ...this.#surroundings, setup: setupOf(name, image, options, disk), console: this.#console });
    } catch (error) {
      if (!(error instanceof ImageError || error instanceof RangeError)) throw error;
      return this.#surroundings.post({ kind: 'refused', message: error.message });
    }
    if (this.#booted !== undefined) this.#disks.set(this.#booted.name, this.#booted.run.diskContent());
    this.#booted = { name, image, options, run };
    this.#console.replace(new Uint8Array(0));
    this.#surroundings.post({ kind: 'booted', machine: { name, options, ramStart: RAM_START } });
    if (isToRun) this.#runOn(run, Infinity);
    else this.#rest(run);
  }

  #diskOf(name: string): Uint8Array {
    return (this.#booted?.name === name ? this.#booted.run.diskContent() : this.#disks.get(name)) ?? new Uint8Array(0);
  }

  #lookAt(look: Look): void {
    this.#look = look;
    if (this.#booted !== undefined) this.#postView(this.#booted.run);
  }

  /** One attempt. A guest that waits for its timer is given the time for which it waits: stepping passes no time of its own. */
  #step(run: RecordedRun): void {
    if (!run.isPresent) return this.#travel(run, run.position + 1);
    run.clock.stop();
    const before = run.position;
    const end = run.advance(1);
    if (end.reason === 'waiting' && end.until !== undefined && end.until > run.clock.ticks) {
      run.clock.set(end.until);
      // Where all of several harts wait, nobody made an attempt: the first one that the timer wakes makes it.
      if (run.position === before) run.advance(1);
    }
    this.#rest(run);
  }

  /** Runs in the present, to a position or without end. */
  #runOn(run: RecordedRun, goal: number): void {
    this.#goal = goal;
    run.clock.start();
    this.#throughput.restart();
    this.#throughput.sample(run.position, this.#surroundings.nowMs());
    this.#activity = { kind: 'running' };
    this.#report(run, true);
    this.#next(() => this.#runSlice(run));
  }

  #runSlice(run: RecordedRun): void {
    this.#isBlocked = this.#console.isFull;
    if (this.#isBlocked) return this.#report(run, true);
    const before = run.position;
    const startedMs = this.#surroundings.nowMs();
    const end = run.advance(Math.min(this.#slice.attempts, this.#goal - before));
    const nowMs = this.#surroundings.nowMs();
    this.#slice.took(run.position - before, nowMs - startedMs);
    this.#throughput.sample(run.position, nowMs);
    if (end.reason === 'power-off' || end.reason === 'reboot' || run.position >= this.#goal) return this.#rest(run);
    const waitsFor = end.reason === 'waiting' ? end.until : undefined;
    if (end.reason === 'running') this.#next(() => this.#runSlice(run));
    else if (waitsFor !== undefined) this.#next(() => this.#runSlice(run), Math.min(run.clock.msUntil(waitsFor), WAIT_MAX_MS));
    const activity: Activity = end.reason === 'running' ? { kind: 'running' } : { kind: 'waiting', timer: waitsFor !== undefined };
    const isNews = activity.kind !== this.#activity.kind || (activity.kind === 'waiting' && !activity.timer);
    this.#activity = activity;
    this.#report(run, isNews);
  }

  /**
   * To a position of the run that has been, by replay, and from its end on live if `liveGoal` lies beyond it. In pieces, so that the reader can
   * stop on the way.
   */
  #travel(run: RecordedRun, position: number, liveGoal = 0): void {
    const goal = Math.min(Math.max(0, position), run.endPosition);
    run.clock.stop();
    this.#goal = Infinity;
    this.#activity = { kind: 'travelling', goal };
    const start = run.startOfWayTo(goal);
    if (start !== run.position) run.travelTo(start);
    this.#throughput.restart();
    this.#travelSlice(run, goal, liveGoal, true);
  }

  #travelSlice(run: RecordedRun, goal: number, liveGoal: number, isFirst: boolean): void {
    const before = run.position;
    const startedMs = this.#surroundings.nowMs();
    run.travelTo(Math.min(goal, before + this.#slice.attempts));
    const nowMs = this.#surroundings.nowMs();
    this.#slice.took(run.position - before, nowMs - startedMs);
    this.#throughput.sample(run.position, nowMs);
    const isThere = run.position >= goal || run.position === before;
    if (isThere && liveGoal > run.position && run.isPresent) return this.#runOn(run, liveGoal);
    if (isThere) return this.#rest(run);
    this.#report(run, isFirst);
    this.#next(() => this.#travelSlice(run, goal, liveGoal, false));
  }

  /** Stands still here, and shows where that is. */
  #rest(run: RecordedRun): void {
    this.#callOff();
    run.clock.stop();
    this.#isBlocked = false;
    this.#throughput.restart();
    const { power } = run.machine;
    this.#activity = power === 'on' ? { kind: 'paused' } : { kind: 'off', asked: power };
    this.#report(run, true);
    this.#postView(run);
  }

  /** Calls back later, in place of whatever was to come. */
  #next(callback: () => void, delayMs = 0): void {
    this.#callOff();
    this.#callOff = this.#surroundings.later(() => this.#guarded(callback), delayMs);
  }

  /** Tells the page what is new: at once if it is to be told now, and else as often as the page can use it. */
  #report(run: RecordedRun, isNow: boolean): void {
    const nowMs = this.#surroundings.nowMs();
    if (isNow || nowMs - this.#consoleMs >= CONSOLE_EVERY_MS) {
      this.#consoleMs = nowMs;
      this.#console.flush();
    }
    if (isNow || nowMs - this.#statusMs >= STATUS_EVERY_MS) this.#postStatus(run, nowMs);
    if (nowMs - this.#viewMs >= this.#look.viewEveryMs) this.#postView(run);
  }

  #postStatus(run: RecordedRun, nowMs: number): void {
    this.#statusMs = nowMs;
    const { position, endPosition, isPresent, hasPast } = run;
    const { attemptsPerSecond } = this.#throughput;
    this.#surroundings.post({
      kind: 'status',
      status: { activity: this.#activity, position, endPosition, isPresent, hasPast, attemptsPerSecond },
    });
  }

  #postView(run: RecordedRun): void {
    this.#viewMs = this.#surroundings.nowMs();
    const { ramBytes } = this.#booted!.options;
    this.#surroundings.post({ kind: 'view', view: viewOf(run.machine, ramBytes, this.#look, this.#window) });
  }

  /** An error of ours ends the machine, and is told. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#callOff();
      this.#booted = undefined;
      this.#surroundings.post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Whether a reset of the machine goes on to run it. */
function isOnTheMove({ kind }: Activity): boolean {
  return kind === 'running' || kind === 'waiting' || kind === 'off';
}
