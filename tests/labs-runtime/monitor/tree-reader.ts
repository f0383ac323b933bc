/** Reads a flattened device tree for the tests, from the tables of the Devicetree Specification, chapter 5, and checks its form on the way. */
import { expect } from 'vitest';

export interface ReadNode {
  /** Bytes of each property. */
  properties: Record<string, Uint8Array>;
  children: Record<string, ReadNode>;
}

/** The root of the tree. Fails the test where the format is broken. */
export function readDeviceTree(tree: Uint8Array): ReadNode {
  const view = new DataView(tree.buffer, tree.byteOffset, tree.byteLength);
  const [magic, total, structure, strings, reserved, version, compatible, , stringsBytes, structureBytes] = Array.from(
    { length: 10 },
    (_, index) => view.getUint32(4 * index),
  ) as [number, number, number, number, number, number, number, number, number, number];
  expect([magic, total, version, compatible]).toEqual([0xd00dfeed, tree.length, 17, 16]);
  expect([reserved % 8, structure % 4]).toEqual([0, 0]);
  expect([view.getBigUint64(reserved), view.getBigUint64(reserved + 8)]).toEqual([0n, 0n]);
  expect(reserved + 16).toBeLessThanOrEqual(structure);
  expect(strings + stringsBytes).toBeLessThanOrEqual(tree.length);

  let at = structure;
  const cell = () => view.getUint32((at += 4) - 4);
  const align = () => void (at = (at + 3) & ~3);
  const textAt = (offset: number) => text(tree.subarray(offset, tree.indexOf(0, offset) + 1));

  function node(): [name: string, node: ReadNode] {
    const name = textAt(at);
    at += name.length + 1;
    align();
    const read: ReadNode = { properties: {}, children: {} };
    for (;;) {
      const token = cell();
      if (token === 2) return [name, read];
      if (token === 1) {
        const [childName, child] = node();
        expect(read.children).not.toHaveProperty([childName]);
        read.children[childName] = child;
      } else {
        expect(token).toBe(3);
        const length = cell();
        read.properties[textAt(strings + cell())] = tree.slice(at, at + length);
        at += length;
        align();
      }
    }
  }
  expect(cell()).toBe(1);
  const [name, root] = node();
  expect(name).toBe('');
  expect(cell()).toBe(9);
  expect(at).toBe(structure + structureBytes);
  return root;
}

/** The node at a path such as `cpus/cpu@0`. */
export function nodeAt(root: ReadNode, path: string): ReadNode {
  return path.split('/').reduce((node, name) => {
    expect(node.children).toHaveProperty([name]);
    return node.children[name]!;
  }, root);
}

/** A property of text, without its terminating zero. */
export function text(bytes: Uint8Array): string {
  expect(bytes.at(-1)).toBe(0);
  return String.fromCharCode(...bytes.slice(0, -1));
}

/** A property of 32-bit cells. */
export function cells(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index));
}
