import { createServer } from 'node:net';

const LAST_PORT = 65_535;

/** The first port from `first` on that nothing on this machine listens to. */
export async function freePortFrom(first: number): Promise<number> {
  for (let port = first; port <= LAST_PORT; port++) {
    if (await isFree(port)) return port;
  }
  throw new Error(`There is no free port from ${first} on`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}
