/**
 * What a run has written to its disk, in the order of the log, so that the disk of any moment can be had again. The machine's snapshots do not
 * hold the disk: it belongs to whoever runs the machine (VMware FT, section 3.4). A write counts from its completion on.
 */
import type { DiskRequest } from '../emulator/machine.ts';
import type { LogEntry, Output } from '../ft/log-entry.ts';
import { SECTOR_BYTES } from '../emulator/stop.ts';

interface DoneWrite {
  /** Number of the entry that says it was done. */
  seq: number;
  sector: number;
  data: Uint8Array;
}

export class DiskJournal {
  readonly #initial: Uint8Array;
  #writes: DoneWrite[] = [];
  /** Writes asked for and not done, by number. */
  #asked = new Map<number, DiskRequest>();
  /** Entries up to this one are in the journal: a replay of them adds nothing. */
  #seq = 0;

  /** `initial` is what was on the disk at boot; it is copied. */
  constructor(initial: Uint8Array) {
    this.#initial = initial.slice();
  }

  /** Sees an output of the run, when it is made and when it is made again. */
  output(made: Output): void {
    if (made.device !== 'disk') return;
    for (const request of made.requests) if (request.kind === 'write') this.#asked.set(request.id, request);
  }

  /** Sees an entry of the log, after the outputs before it. */
  entry({ seq, event }: LogEntry): void {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    if (event.kind !== 'disk') return;
    const request = this.#asked.get(event.request);
    this.#asked.delete(event.request);
    if (event.status === 'ok' && request?.data !== undefined) this.#writes.push({ seq, sector: request.sector, data: request.data });
  }

  /** What was on the disk after entry `seq`: a copy. */
  contentAfter(seq: number): Uint8Array {
    const content = this.#initial.slice();
    for (const write of this.#writes) if (write.seq <= seq) content.set(write.data, write.sector * SECTOR_BYTES);
    return content;
  }

  /** Forgets what came after entry `seq`; `pending` is what the machine then waits for. */
  cut(seq: number, pending: readonly DiskRequest[]): void {
    this.#writes = this.#writes.filter((write) => write.seq <= seq);
    this.#asked = new Map(pending.filter(({ kind }) => kind === 'write').map((request) => [request.id, request]));
    this.#seq = Math.min(this.#seq, seq);
  }
}
