import { type Journey, journeyUrl, noteJourney } from '../api/provider-journey.ts';
import type { SignInProvider } from '../api/schema.ts';
import { type ButtonLook, buttonClasses } from '../ui/button.tsx';
import { messages } from './messages.ts';
import { isPlainClick } from './plain-click.ts';
import { ProviderMark } from './provider-mark.tsx';

const words = messages.providers;

interface ProviderLinkProps {
  provider: SignInProvider;
  journey: Journey;
  /** What stands on it; else “Continue with” its name. */
  label?: string;
  look?: ButtonLook;
}

/** The way to a provider, looking like a button; its height is the same whether it can be gone or not. */
export function ProviderLink({ provider, journey, label, look = 'plain' }: ProviderLinkProps) {
  const { name, icon_url } = provider;
  const text = label ?? words.continueWith(provider.label);
  const mark = <ProviderMark provider={name} iconUrl={icon_url} />;
  const className = buttonClasses(
    look,
    'relative h-11 w-full px-11 [&>:first-child]:absolute [&>:first-child]:left-3.5',
  );
  if (!provider.is_available) {
    return (
      // A link without an address, which screen readers say together with why it leads nowhere.
      // biome-ignore lint/a11y/useValidAnchor: a placeholder where otherwise is a link
      <a role="link" aria-disabled="true" tabIndex={0} className={className}>
        {mark}
        <span className="min-w-0 text-center leading-[1.15]">
          <span className="block truncate">{text}</span>
          <span className="block truncate text-xs leading-4">{words.unavailable}</span>
        </span>
      </a>
    );
  }
  return (
    <a
      href={journeyUrl(name, journey)}
      onClick={(event) => isPlainClick(event) && noteJourney(journey)}
      className={className}
    >
      {mark}
      <span className="truncate">{text}</span>
    </a>
  );
}
