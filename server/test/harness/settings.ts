import { type Config, loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { collectSettings } from '../../src/config/env.ts';

/** The configuration that environment variables make. */
export function loadSettings(variables: Record<string, string>): Config {
  return loadConfig(collectSettings(variables));
}

/** What is wrong with environment variables. */
export function problemsOf(variables: Record<string, string>): string[] {
  try {
    loadSettings(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
