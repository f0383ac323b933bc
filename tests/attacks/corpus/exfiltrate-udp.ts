/**
 * exfiltrate-udp: sends it as a datagram.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  node('dgram').createSocket('udp4').send('took it', Number('@PORT@'), '127.0.0.1');
  return {};
}

export function step(): any {
  return [];
}
