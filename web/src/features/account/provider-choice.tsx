import { useQuery } from '@tanstack/react-query';
import { messages } from '../../shell/messages.ts';
import { ProviderLink } from '../../shell/provider-link.tsx';
import { safeRedirectPath } from '../../shell/redirect.ts';
import { providersQuery } from '../../shell/sign-in-providers.ts';

const words = messages.providers;

interface ProviderChoiceProps {
  /** Where the visitor wants to go afterwards. */
  next: string | undefined;
  isRemembered?: boolean;
}

interface PlacedChoiceProps extends ProviderChoiceProps {
  /** Whether the list was there when the page appeared; one that comes later moves nothing. */
  isEarly: boolean;
}

/** The providers above a form, if they were known in time. */
export function ProvidersAbove({ isEarly, ...rest }: PlacedChoiceProps) {
  return isEarly ? <ProviderChoice {...rest} position="above" /> : null;
}

/** The providers below the card, if they came after the form had appeared. */
export function ProvidersBelow({ isEarly, ...rest }: PlacedChoiceProps) {
  return isEarly ? null : <ProviderChoice {...rest} position="below" />;
}

function ProviderChoice(props: ProviderChoiceProps & { position: 'above' | 'below' }) {
  const { next, isRemembered = false, position } = props;
  const { data: providers = [] } = useQuery(providersQuery);
  if (providers.length === 0) return null;
  const journey = {
    returnTo: safeRedirectPath(next, location.origin),
    isRemembered,
    isFresh: false,
  };
  const list = (
    <ul aria-label={words.others} className="flex flex-col gap-2.5">
      {providers.map((provider) => (
        <li key={provider.name}>
          <ProviderLink provider={provider} journey={journey} />
        </li>
      ))}
    </ul>
  );
  return position === 'above' ? (
    <div className="mb-5">
      {list}
      <Or className="mt-5" />
    </div>
  ) : (
    <div className="mt-6 animate-appear px-6 sm:px-8">
      <Or className="mb-5" />
      {list}
    </div>
  );
}

function Or({ className }: { className: string }) {
  return (
    <p
      className={`flex items-center gap-3 text-meta text-ink-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line ${className}`}
    >
      {words.or}
    </p>
  );
}
