import type { Context } from '../../context.ts';

const LABELS: Record<string, string> = {
  google: 'Google',
  github: 'GitHub',
  microsoft: 'Microsoft',
  foreign: 'another front end',
};

/** What a provider is called for people, also one that is enabled no longer. */
export function labelOf({ config }: Pick<Context, 'config'>, provider: string): string {
  const settings = config.providers.find(({ name }) => name === provider);
  if (settings?.name === 'oidc') return settings.label;
  return LABELS[provider] ?? 'OpenID Connect';
}
