/** Memory of processes, as Linux counts it. */
import { readFileSync, readdirSync } from 'node:fs';

/** Bytes that a process and all below it hold, with what they share divided among those who share it; undefined where no Linux tells. */
export function memoryBytes(pid: number): number | undefined {
  try {
    const kilobytes = Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]);
    const threads = readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((id) =>
      readFileSync(`/proc/${pid}/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return children.reduce((sum, child) => sum + (memoryBytes(child) ?? 0), kilobytes * 1024);
  } catch {
    return undefined;
  }
}
