/**
 * exfiltrate-image: has a browser send it, as the address of a picture. In Node there is none, and a naive page is stood for by one line.
 */
export function start(): any {
  new (globalThis as any).Image().src = 'http://127.0.0.1:@PORT@/took';
  return {};
}

export function step(): any {
  return [];
}
