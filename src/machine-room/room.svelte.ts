/**
 * One visit to the machine room, on the page's side: what is known of the machine in the worker, what the reader has chosen, and the commands.
 * The views draw this and call its methods; xterm and the worker come in when the first machine boots.
 */
import { tick } from 'svelte';
import { guests, type GuestName } from '../../labs-runtime/guests/index.ts';
import { SECTOR_BYTES } from '../../labs-runtime/emulator/stop.ts';
import { optionsForGuest, optionsForImage, sameOptions, type BootOptions } from './boot-options.ts';
import { readDiskFile, readImageFile } from './files.ts';
import type { MachineView } from './machine-view.ts';
import { memoryStart } from './memory-rows.ts';
import type { FromMachine, MachineStatus, MachineSummary, ToMachine } from './messages.ts';
import type { ConsoleTerminal } from './terminal.ts';

/** Views of a running machine, in a second: enough to see that it lives, too few to flicker. */
const VIEW_EVERY_MS = 250;
const VIEW_EVERY_MS_CALM = 1000;

/** Activities in which the machine stands still, so that what has changed can be marked. */
const AT_REST: ReadonlySet<string> = new Set(['paused', 'off']);

export class Room {
  machine = $state.raw<MachineSummary | undefined>(undefined);
  status = $state.raw<MachineStatus | undefined>(undefined);
  view = $state.raw<MachineView | undefined>(undefined);
  /** What was shown when the machine last began to move: changes are marked against it. */
  before = $state.raw<MachineView | undefined>(undefined);
  /** For the next boot. */
  options = $state.raw<BootOptions | undefined>(undefined);
  /** Why the last image, or the last reset with other options, was not booted, in words for the reader. */
  refusal = $state.raw<{ of: 'image' | 'options'; message: string } | undefined>(undefined);
  /** Why there is no machine any more: an error of ours. */
  failure = $state('');
  hash = $state.raw<{ position: number; hash: string } | undefined>(undefined);
  /** Between the choice of an image and its first instruction. */
  isLoading = $state(false);
  isReadOut = $state(false);
  hart = $state<number | 'turn'>('turn');
  memoryAddress = $state(0);

  #worker: Worker | undefined;
  #terminal: ConsoleTerminal | undefined;
  /** Console bytes that came before the terminal did. */
  #early: Uint8Array[] = [];
  #memoryRows = { count: 16, bytes: 16 };
  #codeLines = 16;
  #onDisk: ((bytes: Uint8Array) => void) | undefined;

  get isAtRest(): boolean {
    return this.status !== undefined && AT_REST.has(this.status.activity.kind);
  }

  /** The options differ from those of the machine that runs. */
  get hasNewOptions(): boolean {
    return this.machine !== undefined && this.options !== undefined && !sameOptions(this.machine.options, this.options);
  }

  async bootGuest(name: GuestName): Promise<void> {
    await this.#load(name, async () => ({ image: await guests[name].load(), options: optionsForGuest(guests[name]) }));
  }

  async bootFile(file: File): Promise<void> {
    await this.#load(file.name, async () => {
      const image = await readImageFile(file);
      return { image, options: optionsForImage(image) };
    });
  }

  /** The same image again with the options as they are now, and another disk if one is given. */
  reset(disk?: Uint8Array): void {
    if (this.options === undefined) return;
    this.refusal = undefined;
    this.#send({ kind: 'reset', options: this.options, ...(disk !== undefined && { disk }) });
  }

  /** Boots the same image again with a file's content on its disk, which gets the size of the file. */
  async insertDisk(file: File): Promise<void> {
    try {
      const disk = await readDiskFile(file);
      this.setOptions({ diskSectors: Math.ceil(disk.length / SECTOR_BYTES) });
      this.reset(disk);
    } catch (error) {
      this.refusal = { of: 'options', message: messageOf(error) };
    }
  }

  setOptions(changes: Partial<BootOptions>): void {
    if (this.options !== undefined) this.options = { ...this.options, ...changes };
  }

  runOrPause(): void {
    if (this.isAtRest) this.#move({ kind: 'run' });
    else this.#send({ kind: 'pause' });
  }

  step(): void {
    this.#move({ kind: 'step' });
  }

  stepBack(): void {
    this.#move({ kind: 'step-back' });
  }

  goTo(position: number): void {
    this.#move({ kind: 'go-to', position });
  }

  forgetFuture(): void {
    this.#send({ kind: 'forget-future' });
  }

  type(bytes: Uint8Array): void {
    if (this.status?.isPresent === true) this.#send({ kind: 'type', bytes });
  }

  askForHash(): void {
    this.#send({ kind: 'hash' });
  }

  /** What is on the machine's disk at this point of its run. */
  readDisk(): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#onDisk = resolve;
      this.#send({ kind: 'read-disk' });
    });
  }

  lookAtHart(hart: number | 'turn'): void {
    this.hart = hart;
    this.#look();
  }

  /** Shows memory from the row of an address on, or as near to it as memory goes. */
  lookAtMemory(address: number): void {
    if (this.machine === undefined) return;
    const { count, bytes } = this.#memoryRows;
    this.memoryAddress = memoryStart(address, this.machine.ramStart, this.machine.options.ramBytes, count * bytes, bytes);
    this.#look();
  }

  /** Scrolls memory by whole pages of what is shown, up or down. */
  pageMemory(pages: number): void {
    this.lookAtMemory(this.memoryAddress + pages * this.#memoryRows.count * this.#memoryRows.bytes);
  }

  /** The place for memory has room for so many rows of so many bytes. */
  sizeMemory(count: number, bytes: number): void {
    this.#memoryRows = { count, bytes };
    this.lookAtMemory(this.memoryAddress);
  }

  sizeCode(lines: number): void {
    this.#codeLines = lines;
    this.#look();
  }

  /** Gives the console its place on the page. Returns what takes it away. */
  openConsole(element: HTMLElement): () => void {
    let isClosed = false;
    void this.#openTerminal(element, () => isClosed).catch((error: unknown) => {
      this.failure = `The console could not be loaded (${messageOf(error)}). Reload the page to try again.`;
    });
    return () => {
      isClosed = true;
      this.#terminal?.dispose();
      this.#terminal = undefined;
    };
  }

  setReadOut(isReadOut: boolean): void {
    this.isReadOut = isReadOut;
    if (this.#terminal !== undefined) this.#terminal.isReadOut = isReadOut;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #load(name: string, read: () => Promise<{ image: Uint8Array; options: BootOptions }>): Promise<void> {
    this.refusal = undefined;
    this.isLoading = true;
    try {
      const { image, options } = await read();
      this.#send({ kind: 'boot', name, image, options });
    } catch (error) {
      this.isLoading = false;
      this.refusal = { of: 'image', message: messageOf(error) };
    }
  }

  async #openTerminal(element: HTMLElement, isClosed: () => boolean): Promise<void> {
    // Never on the server: the condition keeps xterm out of the bundle that renders pages.
    if (import.meta.env.SSR) return;
    const { ConsoleTerminal } = await import('./terminal.ts');
    if (isClosed()) return;
    this.#terminal = new ConsoleTerminal({ element, onInput: (bytes) => this.type(bytes) });
    this.#terminal.isReadOut = this.isReadOut;
    for (const bytes of this.#early.splice(0)) this.#write(bytes);
    this.#terminal.focus();
  }

  /** A command that moves the machine: what is seen now is what changes are marked against. */
  #move(message: ToMachine): void {
    this.before = this.view;
    this.#send(message);
  }

  #look(): void {
    const isCalm = typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;
    const { count, bytes } = this.#memoryRows;
    this.#worker?.postMessage({
      kind: 'look',
      look: {
        hart: this.hart,
        memoryAddress: this.memoryAddress,
        memoryBytes: count * bytes,
        codeLines: this.#codeLines,
        viewEveryMs: isCalm ? VIEW_EVERY_MS_CALM : VIEW_EVERY_MS,
      },
    } satisfies ToMachine);
  }

  #send(message: ToMachine): void {
    if (this.#worker === undefined) this.#startWorker();
    this.#worker!.postMessage(message);
  }

  #startWorker(): void {
    const worker = new Worker(new URL('./machine.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromMachine>) => this.#take(data);
    worker.onerror = ({ message }) => this.#fail(message || 'its program could not be loaded');
    this.#worker = worker;
    this.failure = '';
    this.#look();
  }

  #take(message: FromMachine): void {
    switch (message.kind) {
      case 'booted':
        return this.#booted(message.machine);
      case 'refused':
        this.refusal = { of: this.isLoading ? 'image' : 'options', message: message.message };
        this.isLoading = false;
        return;
      case 'status':
        this.status = message.status;
        return;
      case 'view':
        this.view = message.view;
        return;
      case 'console':
        return this.#write(message.bytes);
      case 'hash':
        this.hash = message;
        return;
      case 'disk':
        this.#onDisk?.(message.bytes);
        return;
      case 'failed':
        return this.#fail(message.message);
    }
  }

  #booted(machine: MachineSummary): void {
    const isAnother = machine.name !== this.machine?.name;
    this.machine = machine;
    this.options = machine.options;
    this.isLoading = false;
    this.before = undefined;
    this.hash = undefined;
    if (isAnother) this.memoryAddress = machine.ramStart;
    if (this.hart !== 'turn' && this.hart >= machine.options.harts) this.hart = 'turn';
    this.lookAtMemory(this.memoryAddress);
    // After a dialog has closed, which gives the focus back to where it was.
    if (isAnother) void tick().then(() => this.#terminal?.focus());
  }

  #write(bytes: Uint8Array): void {
    if (this.#terminal === undefined) this.#early.push(bytes);
    else this.#terminal.write(bytes, () => this.#worker?.postMessage({ kind: 'shown', byteCount: bytes.length } satisfies ToMachine));
  }

  #fail(why: string): void {
    this.close();
    this.isLoading = false;
    this.status = undefined;
    this.failure = `The machine's worker failed (${why}). This is an error of the course; boot the program again.`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
