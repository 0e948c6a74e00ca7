/** What somebody wants who leaves this page for a provider's. */
export interface Journey {
  /** A path of this origin. */
  returnTo: string;
  isRemembered: boolean;
  /** Whether the provider is to ask for the person's credentials again. */
  isFresh: boolean;
}

/** Kept in this tab, which nothing but a page of ours reads, until the person is back. */
const KEY = 'docket.journey';

const ended: Journey | undefined = takeKept();

function takeKept(): Journey | undefined {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return text === null ? undefined : (JSON.parse(text) as Journey);
  } catch {
    return undefined;
  }
}

/** The journey from which the person came back to the page that is open. */
export function endedJourney(): Journey | undefined {
  return ended;
}

/** Notes that this tab is about to leave for a provider. */
export function noteJourney(journey: Journey): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(journey));
  } catch {
    // Where the browser refuses storage, sign-in works all the same.
  }
}

/** The address that leads on to a provider. */
export function journeyUrl(provider: string, journey: Journey): string {
  const query = new URLSearchParams({
    return_to: journey.returnTo,
    ...(journey.isRemembered && { remember: 'true' }),
    ...(journey.isFresh && { fresh: 'true' }),
  });
  return `/api/v1/auth/${encodeURIComponent(provider)}?${query}`;
}
