/**
 * A `fetch` that reaches local servers in the place of the origins that they pretend to be, and
 * nothing beyond this machine. A target may have a path, which then comes before that of a request.
 */
export function providerFetch(targets: Record<string, string>): typeof fetch {
  return (input, init) => {
    const request = input instanceof Request ? input : null;
    const url = new URL(request ? request.url : String(input));
    const target = targets[url.origin] ?? loopbackOrigin(url);
    if (target === null) return Promise.reject(new TypeError(`${url.origin} is out of reach`));
    const address = `${target}${url.pathname}${url.search}`;
    return request ? fetch(new Request(address, request), init) : fetch(address, init);
  };
}

function loopbackOrigin(url: URL): string | null {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) ? url.origin : null;
}
