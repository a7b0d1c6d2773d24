/** How the issuer is reached: the standard `fetch`, replaceable for tests and unusual networks. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Answer {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const TIMEOUT_MS = 5000;
const MAX_BODY = 256 * 1024;

/** Sends a request and demands a 200: no redirects, 5 s in all, at most 256 KiB. */
export async function send(fetch: Fetch, url: string, init: RequestInit = {}): Promise<Answer> {
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
    if (length > MAX_BODY) throw new Error(`${url}: the answer is longer than 256 KiB`);
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  chunks.reduce((at, chunk) => (body.set(chunk, at), at + chunk.length), 0);
  return { headers: response.headers, body };
}
