/**
 * exfiltrate-udp: sends it as a datagram.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  const socket = node('dgram').createSocket('udp4');
  socket.send('took it', Number('@PORT@'), '127.0.0.1', () => socket.close());
  return {};
}

export function step(): any {
  return [];
}
