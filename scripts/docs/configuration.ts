import { SETTINGS, type Setting } from '../../server/src/config/settings.ts';

type NamedSetting = Setting<unknown> & { name: string };

const INTRODUCTION = `# Configuration

<!-- Generated from server/src/config/settings.ts by "npm run generate"; change it there. -->

Docket is configured by environment variables. Without any it runs: with an embedded database, for
this machine alone.

- Every setting can also be given as a file: \`SECRET_KEY_FILE=/run/secrets/key\` reads the value of
  \`SECRET_KEY\` from there. A variable itself wins over its file.
- \`CONFIG_FILE\` names one file with any number of settings, in the syntax of \`.env.example\`. The
  environment wins over it.
- A setting that is set to the empty text counts as not set.
- Durations carry a unit: \`500ms\`, \`15s\`, \`5m\`, \`24h\`, \`30d\`. Rates are count/period, such as
  \`100/1m\`, or \`off\` (in development only).
- \`npm run docket -- config-check\` prints what is in force and where each value comes from, with
  secrets masked, and exits with 1 if something is wrong. The server checks the same at its start and
  does not run with a configuration that contradicts itself.
`;

const EXAMPLE_INTRODUCTION = `# Settings of Docket, each with its default. docs/configuration.md explains them.
# Copy this file, take the # away from what you change, and start with CONFIG_FILE=<the copy> npm start.
`;

/** The reference of all settings, and a file to copy, both made from their declaration. */
export function configurationFiles(): Record<string, string> {
  const settings: NamedSetting[] = Object.entries(SETTINGS).map(([name, setting]) => ({
    ...setting,
    name,
  }));
  const groups = Map.groupBy(settings, ({ group }) => group);
  const sections = [...groups].map(([group, members]) => sectionOf(group, members));
  const examples = [...groups].map(([group, members]) => exampleOf(group, members));
  return {
    'docs/configuration.md': [INTRODUCTION, ...sections].join('\n'),
    '.env.example': [EXAMPLE_INTRODUCTION, ...examples].join('\n'),
  };
}

function sectionOf(group: string, settings: NamedSetting[]): string {
  const rows = settings.map(
    (setting) => `| \`${setting.name}\` | ${defaultOf(setting)} | ${meaningOf(setting)} |`,
  );
  return `## ${group}\n\n| Name | Default | Meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function defaultOf({ default: text }: NamedSetting): string {
  return text ? `\`${text}\`` : '';
}

function meaningOf({ description, isSecret }: NamedSetting): string {
  const cell = description.replaceAll('|', '\\|');
  return isSecret ? `${cell} *Secret.*` : cell;
}

function exampleOf(group: string, settings: NamedSetting[]): string {
  const entries = settings.map(({ name, default: text, description }) => {
    const comment = wrap(description.replaceAll('`', ''), 96).map((line) => `# ${line}`);
    return `${comment.join('\n')}\n#${name}=${text ?? ''}\n`;
  });
  return `# ---- ${group} ----\n\n${entries.join('\n')}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + word.length + 1 > width) {
      lines.push(line);
      line = '';
    }
    line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}
