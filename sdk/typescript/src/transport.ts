/** How the issuer is reached: the standard `fetch`. Tests and unusual networks replace it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A 200 response with its whole body. */
export interface Received {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const TIMEOUT_MS = 5000;
const MAX_BODY = 256 * 1024;

/** Sends a request and requires a 200. No redirects, 5 s in total, at most 256 KiB. */
export async function send(fetch: Fetch, url: string, init: RequestInit = {}): Promise<Received> {
  const headers = { accept: "application/json", ...init.headers };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { ...init, headers, redirect: "manual", signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url}: status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Error(`${url}: the response is longer than 256 KiB`);
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  chunks.reduce((at, chunk) => (body.set(chunk, at), at + chunk.length), 0);
  return { headers: response.headers, body };
}
