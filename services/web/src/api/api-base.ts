const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** Where an event sells, for requests from `page`; empty when it is the page's own origin, by whichever name of this machine. */
export function apiBaseFor(
  apiBase: string,
  page: { readonly origin: string; readonly hostname: string },
): string {
  if (apiBase === '' || apiBase === page.origin) return '';
  const target = new URL(apiBase);
  const isHere = loopback.includes(target.hostname) && loopback.includes(page.hostname);
  return isHere ? '' : target.origin;
}
