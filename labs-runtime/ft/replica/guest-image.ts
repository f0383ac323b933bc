/**
 * A guest on its way to another server: pages, which may go ahead of the rest, and the rest. State transfer for new backups (VMware FT, section
 * 3.1) and for checkpoints. A page of a snapshot is an array that nobody writes to, so a page has changed if it is another array.
 */
import type { Snapshot } from '../../emulator/machine.ts';
import type { Host } from './host.ts';
import type { GuestRest, NumberedPage } from './messages.ts';
import { createDisk, placePages } from './state.ts';

/** The pages, and after them the chunks of the server's own disk, as they are now. */
export function pagesOf({ machine, localDisk }: Host): readonly Uint8Array[] {
  const { pages } = machine.snapshot();
  return localDisk === undefined ? pages : [...pages, ...localDisk.chunks];
}

/** Reads the pages that differ from those sent before, and takes note that they are sent now. */
export function pagesChangedSince(host: Host): NumberedPage[] {
  const { state } = host;
  const changed: NumberedPage[] = [];
  pagesOf(host).forEach((bytes, index) => {
    if (state.pages[index] !== bytes) changed.push({ index, bytes });
  });
  placePages(state.pages, changed);
  return changed;
}

/** Everything but pages. */
export function restOf({ state, machine }: Host): GuestRest {
  const { outputs, released, clockTicks, isIdle, isOff, finishedSeq, held, disk } = state;
  const { core } = machine.snapshot();
  const inDoubt = held.map(({ output, made }) => ({ output, made }));
  const isFinished = finishedSeq > 0;
  return { core, outputs, released, clockTicks, isIdle, isOff, isFinished, inDoubt, pendingDisk: disk.pending.slice() };
}

/** A snapshot made of the pages that came before and now; the chunks of a disk go to the server's own. */
export function assembled({ state, machine, localDisk }: Host, pages: readonly NumberedPage[], { core }: GuestRest): Snapshot {
  placePages(state.pages, pages);
  const { ramBytes, pages: own } = machine.snapshot();
  for (const [index, bytes] of state.pages.slice(own.length).entries()) localDisk?.replace(index, bytes);
  return { ramBytes, core, pages: state.pages.slice(0, own.length) };
}

/** What the hosts know about a guest besides its machine's state. */
export function takeRest({ state }: Host, rest: GuestRest): void {
  const { outputs, released, clockTicks, isIdle, isOff, inDoubt, pendingDisk } = rest;
  Object.assign(state, { outputs, released, clockTicks, isIdle, isOff, inDoubt: inDoubt.slice() });
  state.disk = { ...createDisk(), pending: pendingDisk.slice() };
}
