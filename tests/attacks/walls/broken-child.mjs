/** In the place of `recording-child.mjs`: a process whose part has broken out of its compartment, and answers as its argument says. */
import { writeSync } from 'node:fs';

const { stdin, argv } = process;
const answers = {
  'a frame of nonsense': () => write(frame(Buffer.from('{"points":6}'))),
  'two frames': () => write(Buffer.concat([frame(Buffer.alloc(9)), frame(Buffer.alloc(9))])),
  'a frame, and bytes when nobody asks': () => {
    write(frame(Buffer.alloc(9)));
    setTimeout(() => write(frame(Buffer.alloc(9))), 20);
  },
  'a length without an end': () => write(Buffer.from([0xff, 0xff, 0xff, 0xff, 1])),
  'a length, and too little': () => (write(Buffer.from([9, 0, 0, 0, 1])), process.reallyExit(0)),
  'as many bytes as it may': () => {
    const length = Buffer.from([0, 0, 0, 0x0f]);
    write(length);
    const piece = Buffer.alloc(1 << 20);
    for (let left = length.readUInt32LE(0); left > 0; left -= piece.length) write(piece);
  },
  'complaints without an end': () => {
    for (let line = 0; line < 200; line += 1) writeSync(2, 'x'.repeat(1 << 16));
    process.reallyExit(1);
  },
  nothing: () => {
    for (;;);
  },
  'memory until there is none': () => {
    for (const all = []; ;) all.push(new Array(1000).fill(all.length));
  },
  'its end': () => process.abort(),
};

stdin.on('data', () => undefined);
stdin.once('data', () => answers[argv[2]]());

function frame(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function write(bytes) {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
