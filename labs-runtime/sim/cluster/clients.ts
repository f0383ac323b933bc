/** Clients of the guest: each asks one thing at a time, under a number, and may ask the same again until it is answered. */
import type { ClusterState } from './cluster-state.ts';
import type { Editor } from './editor.ts';
import type { AnyClients } from './scenario.ts';
import { breach } from './witness.ts';

/** A client asks what it has to ask next. */
export function ask(editor: Editor, id: number): void {
  const { service, commands } = editor.scenario.clients as AnyClients;
  const client = editor.editClient(id);
  const command = commands[id]![client.asked]!;
  client.asked += 1;
  client.waits = service.isAnswered(command);
  if (client.waits) editor.edit('witness').history.push({ kind: 'asks', client: id, request: client.asked });
  retry(editor, id);
}

/** A client asks again what it asked last. */
export function retry(editor: Editor, id: number): void {
  const { service, commands } = editor.scenario.clients as AnyClients;
  const request = editor.state.clients[id]!.asked;
  editor.edit('network').frames.push({ to: 'guest', frame: service.encode(id, request, commands[id]![request - 1]) });
}

/** A frame from the guest reaches the clients. Answers to what nobody waits for are of no interest. */
export function answerClients(editor: Editor, frame: Uint8Array): void {
  const { clients } = editor.scenario;
  const reply = clients?.service.decode(frame);
  if (reply === undefined) return;
  const { client, request, answer } = reply;
  const asker = editor.state.clients[client];
  if (asker === undefined || !asker.waits || asker.asked !== request) return;
  editor.editClient(client).waits = false;
  const { history } = editor.edit('witness');
  history.push({ kind: 'is told', client, request, answer });
  const { service, commands } = clients as AnyClients;
  const wrong = service.explain(commands, history);
  if (wrong !== undefined) breach(editor, 'the past stays', editor.state.witness.live, 'answers that one machine could have given', wrong);
}

/** Whether every client has asked everything and been answered. */
export function areAnswered({ clients }: ClusterState, commands: readonly (readonly unknown[])[]): boolean {
  return clients.every(({ asked, waits }, id) => !waits && asked === commands[id]!.length);
}
