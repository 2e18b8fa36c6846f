import { httpSend, trackerAgent } from '../../packages/tracker/src/testing/http-send.ts';

/** What the tracker on that port tells Prometheus. */
export async function metricsAt(port: number): Promise<string> {
  const agent = trackerAgent();
  const { body } = await httpSend(port, agent)({ method: 'GET', path: '/metrics', headers: {}, body: null });
  agent.destroy();
  return Buffer.from(body).toString();
}
