/**
 * Runs submissions: reads prepared jobs from standard input, one after the other, and writes each one's transcript to standard output. Both go in
 * frames: four bytes of length, little-endian, and so many bytes. Plain JavaScript, for it starts in half the time. It runs without
 * rights (`walls.ts`) and with an empty environment, and nobody believes it.
 */
import { writeSync } from 'node:fs';

let runtime;
let waiting = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  waiting = Buffer.concat([waiting, chunk]);
  while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32LE(0)) {
    const end = 4 + waiting.readUInt32LE(0);
    const { runtimeUrl, prepared, only } = JSON.parse(waiting.subarray(4, end).toString('utf8'));
    waiting = waiting.subarray(end);
    runtime ??= await import(runtimeUrl);
    answer(await runtime.record(prepared, only));
  }
}
process.exit(0);

function answer(transcript) {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(transcript.length);
  writeAll(length);
  writeAll(transcript);
}

/** Writes all of the bytes; a pipe that is full for now takes none. */
function writeAll(bytes) {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
