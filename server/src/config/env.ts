import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error.ts';

/** A raw setting and where it was found, for messages and `config-check`. */
export interface RawSetting {
  value: string;
  source: string;
}

/** Raw settings by name; a name that is set to the empty string counts as not set. */
export type RawSettings = ReadonlyMap<string, RawSetting>;

/** Process environment with the optional file that `CONFIG_FILE` names (dotenv syntax) underneath. */
export function processSettings(): RawSettings {
  return collectSettings(process.env);
}

/**
 * Collects settings from a set of variables: `NAME` wins over `NAME_FILE` (a file that holds the
 * value, as container secrets do), and both win over the file named by `CONFIG_FILE`.
 * @throws ConfigError when a named file cannot be read
 */
export function collectSettings(variables: Record<string, string | undefined>): RawSettings {
  const settings = new Map<string, RawSetting>();
  const configFile = variables.CONFIG_FILE;
  if (configFile) addVariables(settings, parseEnv(readText('CONFIG_FILE', configFile)), configFile);
  addVariables(settings, variables, 'environment');
  return settings;
}

function addVariables(
  settings: Map<string, RawSetting>,
  variables: NodeJS.Dict<string>,
  source: string,
): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!value) continue;
    if (name.endsWith('_FILE') && name !== 'CONFIG_FILE') {
      const target = name.slice(0, -'_FILE'.length);
      if (variables[target]) continue;
      // Read lazily for known settings only: other programs have variables of this form too.
      settings.set(target, { value, source: `file:${name}` });
    } else {
      settings.set(name, { value, source });
    }
  }
}

/** The value of a setting, read from its file where it was given as one. */
export function settingValue(raw: RawSetting): RawSetting {
  if (!raw.source.startsWith('file:')) return raw;
  const variable = raw.source.slice('file:'.length);
  const value = readText(variable, raw.value).replace(/\r?\n$/, '');
  if (!value) throw new ConfigError([`${variable}: the file ${raw.value} is empty`]);
  return { value, source: `${variable} (${raw.value})` };
}

function readText(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError([`${variable}: the file ${path} cannot be read (${reason})`]);
  }
}

/** Threads of libuv: hashing takes one for each core and must leave some to files and names. */
const THREAD_POOL_SIZE = 16;

/** Makes the thread pool of libuv larger. It is read once, so nothing may have used the pool before. */
export function raiseThreadPool(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(THREAD_POOL_SIZE);
}
