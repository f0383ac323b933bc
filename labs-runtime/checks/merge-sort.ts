/**
 * A stable merge sort with one order of comparisons everywhere: engines differ in theirs, and a comparison function takes steps.
 * Stands in for `sort` while a part runs (walk two, step 3). Follows the rules of Array.prototype.sort for undefined and for no function.
 */

export type Compare = (left: unknown, right: unknown) => number;

/**
 * Sorts a copy.
 * @param compare as for `sort`; without it values are compared as text
 * @param onCompare called before each comparison
 */
export function mergeSort(items: unknown[], compare: Compare | undefined, onCompare: () => void): unknown[] {
  if (compare !== undefined && typeof compare !== 'function') throw new TypeError('sort takes a function or nothing');
  const defined: unknown[] = items.filter((item) => item !== undefined);
  const order = compare ?? compareAsText;
  let sorted: unknown[] = defined;
  for (let width = 1; width < sorted.length; width *= 2) sorted = mergePass(sorted, width, order, onCompare);
  for (let index = defined.length; index < items.length; index += 1) sorted.push(undefined);
  return sorted;
}

/** Merges neighbouring runs of `width` items each. */
function mergePass(items: unknown[], width: number, compare: Compare, onCompare: () => void): unknown[] {
  const merged: unknown[] = [];
  for (let start = 0; start < items.length; start += 2 * width) {
    const middle = Math.min(start + width, items.length);
    const end = Math.min(start + 2 * width, items.length);
    let left = start;
    let right = middle;
    while (left < middle && right < end) {
      onCompare();
      // The left one first when they are equal: that keeps the sort stable.
      merged.push(Number(compare(items[left], items[right])) > 0 ? items[right++] : items[left++]);
    }
    while (left < middle) merged.push(items[left++]);
    while (right < end) merged.push(items[right++]);
  }
  return merged;
}

function compareAsText(left: unknown, right: unknown): number {
  const leftText = String(left);
  const rightText = String(right);
  if (leftText === rightText) return 0;
  return leftText < rightText ? -1 : 1;
}
