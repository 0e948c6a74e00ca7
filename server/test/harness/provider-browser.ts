import type { Person } from '../../../scripts/dev/oidc-provider.ts';

const MAX_STEPS = 10;

/** A browser as far as a provider sees one: it follows, keeps cookies and fills in a form. */
export class ProviderBrowser {
  readonly #fetch: typeof fetch;
  readonly #cookies = new Map<string, string>();

  /** `fetchPage` leads to servers that only pretend to be at an address. */
  constructor(fetchPage: typeof fetch = fetch) {
    this.#fetch = fetchPage;
  }

  /**
   * Goes to the address where a provider signs somebody in, does so as `person`, and answers where
   * the provider sends the browser then, without going there. With null, the person cancels.
   */
  async signInAt(address: string | URL, person: Person | null): Promise<URL> {
    const start = new URL(address);
    let [url, form] = [start, undefined as URLSearchParams | undefined];
    for (let step = 0; step < MAX_STEPS; step++) {
      const response = await this.#send(url, form);
      const location = response.headers.get('location');
      if (location) {
        const next = new URL(location, url);
        if (next.origin !== start.origin) return next;
        [url, form] = [next, undefined];
      } else if (response.ok && !form && (await response.text()).includes('<form')) {
        form = formOf(person);
      } else {
        throw new Error(`${url.pathname} answers ${response.status}`);
      }
    }
    throw new Error('the provider leads in a circle');
  }

  async #send(url: URL, form: URLSearchParams | undefined): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

function formOf(person: Person | null): URLSearchParams {
  if (!person) return new URLSearchParams({ answer: 'cancel' });
  const { email, name = '', subject = '', emailVerified = true, picture = '' } = person;
  return new URLSearchParams({
    answer: 'sign-in',
    email,
    name,
    subject,
    picture,
    ...(emailVerified && { email_verified: 'on' }),
  });
}

/** Signs somebody in with a browser of their own; answers the address of our callback. */
export function signInAt(
  address: string | URL,
  person: Person | null,
  fetchPage?: typeof fetch,
): Promise<URL> {
  return new ProviderBrowser(fetchPage).signInAt(address, person);
}
