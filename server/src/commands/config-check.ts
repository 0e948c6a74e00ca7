import { describeSettings, loadConfig } from '../config/config.ts';
import { processSettings } from '../config/env.ts';
import type { Command } from './command.ts';

export const configCheck: Command = {
  summary: 'Check the configuration and print it, secrets masked',
  async run() {
    const raw = processSettings();
    loadConfig(raw);
    for (const { name, value, source } of describeSettings(raw)) {
      process.stdout.write(`${name.padEnd(28)} ${(value || '-').padEnd(28)} ${source}\n`);
    }
  },
};
