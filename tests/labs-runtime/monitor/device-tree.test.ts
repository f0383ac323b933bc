import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeDeviceTree, type DeviceTreeNode } from '../../../labs-runtime/monitor/device-tree.ts';
import { cells, nodeAt, readDeviceTree, text, type ReadNode } from './tree-reader.ts';

test('each kind of value has its form', () => {
  const root = readDeviceTree(
    encodeDeviceTree({
      name: '',
      properties: { empty: true, cell: 0xdeadbeef, cells: [1, 2, 3], text: 'ns16850', texts: ['first', 'second'] },
      children: [{ name: 'child@0', properties: { cell: 5 }, children: [{ name: 'grandchild', properties: {} }] }],
    }),
  );
  const { empty, cell, cells: list, text: word, texts } = root.properties;
  expect(empty).toEqual(new Uint8Array(0));
  expect([cells(cell!), cells(list!)]).toEqual([[0xdeadbeef], [1, 2, 3]]);
  expect([text(word!), text(texts!)]).toEqual(['ns16850', 'first\0second']);
  expect(cells(nodeAt(root, 'child@0').properties.cell!)).toEqual([5]);
  expect(nodeAt(root, 'child@0/grandchild')).toEqual({ properties: {}, children: {} });
});

test('a name that several nodes use is stored once', () => {
  const tree = encodeDeviceTree({ name: '', properties: { longish: 1 }, children: [{ name: 'a', properties: { longish: 2 } }] });
  expect(String.fromCharCode(...tree).split('longish')).toHaveLength(2);
});

test('what a tree cannot hold is refused', () => {
  const encode = (value: number | string) => () => encodeDeviceTree({ name: '', properties: { value } });
  for (const value of [-1, 2 ** 32, 1.5, Number.NaN]) expect(encode(value)).toThrow(/32 bits/);
  for (const value of ['ä', 'a\0b', 'a\nb']) expect(encode(value)).toThrow(/printable ASCII/);
});

test('any tree reads back as it was', () => {
  const name = fc.string({ minLength: 1, maxLength: 9, unit: fc.constantFrom(...'abc,#-@0') });
  const value = fc.oneof(fc.nat({ max: 0xffffffff }), fc.string({ unit: fc.constantFrom(...'xyz 19') }), fc.constant(true as const));
  const tree = (depth: number): fc.Arbitrary<DeviceTreeNode> =>
    fc.record({
      name,
      properties: fc.dictionary(name, value, { maxKeys: 4 }),
      children: depth === 0 ? fc.constant([]) : fc.uniqueArray(tree(depth - 1), { maxLength: 3, selector: (node) => node.name }),
    });
  fc.assert(
    fc.property(tree(3), (root) => {
      expect(plain(readDeviceTree(encodeDeviceTree({ ...root, name: '' })))).toEqual(plainSource(root));
    }),
  );
});

interface PlainNode {
  properties: Record<string, number[]>;
  children: Record<string, PlainNode>;
}

function plain(node: ReadNode): PlainNode {
  const mapped = <From, To>(record: Record<string, From>, map: (from: From) => To) =>
    Object.fromEntries(Object.entries(record).map(([name, item]) => [name, map(item)]));
  return { properties: mapped(node.properties, (bytes) => Array.from(bytes)), children: mapped(node.children, plain) };
}

function plainSource(node: DeviceTreeNode): PlainNode {
  const properties = Object.entries(node.properties).map(([name, value]): [string, number[]] => {
    if (value === true) return [name, []];
    if (typeof value === 'string') return [name, [...Buffer.from(value, 'ascii'), 0]];
    const cell = Buffer.alloc(4);
    cell.writeUInt32BE(value as number);
    return [name, [...cell]];
  });
  const children = (node.children ?? []).map((child): [string, PlainNode] => [child.name, plainSource(child)]);
  return { properties: Object.fromEntries(properties), children: Object.fromEntries(children) };
}
