/** A last word when a signal stops the command. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Has `tell` called before one of these signals does what it does anyway: it ends the process. Returns what takes that back. */
export function beforeStop(tell: () => void): () => void {
  const takeBack = () => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  const onSignal = (name: NodeJS.Signals) => {
    takeBack();
    tell();
    process.kill(process.pid, name);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return takeBack;
}
