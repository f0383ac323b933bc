/**
 * reference-dynamic: the same by `import()`.
 */
// @ts-ignore: it is there for a naive grader
const reference = import('@FOLDER@/reference.mjs');
let part: any;
void reference.then((loaded) => (part = loaded));

export function start(options: any): any {
  return part.start(options);
}

export function step(state: any, input: any): any {
  return part.step(state, input);
}
