import { loadConfig } from '../config/config.ts';
import { processSettings } from '../config/env.ts';
import { type Command, CommandError } from './command.ts';

const TIMEOUT_MS = 3000;

export const healthcheck: Command = {
  summary: 'Ask the running server whether it is ready; exit 1 if not',
  async run() {
    const { port, host } = loadConfig(processSettings());
    const address = ['0.0.0.0', '::', ''].includes(host) ? '127.0.0.1' : host;
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/ready`;
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
      (error) => {
        throw new CommandError(`No answer from ${url}`, { cause: error });
      },
    );
    if (!response.ok) throw new CommandError(`${url} answered ${response.status}`);
    process.stdout.write('ready\n');
  },
};
