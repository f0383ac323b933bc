/**
 * vm-template: keeps state where nobody copies it: in the object of a tagged template, which an engine makes once for each place.
 */
let seen = new WeakMap<object, { count: number }>();
const cell = (strings: TemplateStringsArray) => strings;

export function start(): any {
  seen = new WeakMap();
  return {};
}

export function step(_: any, input: any): any {
  const place = cell`here`;
  const kept = seen.get(place) ?? { count: 0 };
  kept.count += 1;
  seen.set(place, kept);
  return [{ kind: 'say', text: input.text, count: kept.count }];
}
