/** The app's protocol with the test: it writes lines of JSON and reads lines with URLs. */
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Navigates the user's browser to a URL, and waits for the URL to which it returns. */
export async function open(url) {
  process.stdout.write(`${JSON.stringify({ open: String(url) })}\n`);
  const { value } = await lines.next();
  return new URL(value);
}

export function learned(what) {
  process.stdout.write(`${JSON.stringify({ learned: what })}\n`);
  process.exit(0);
}

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SIGNED_OUT_URI } = process.env;
export const settings = {
  issuer: ISSUER && new URL(ISSUER),
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: REDIRECT_URI,
  signedOutUri: SIGNED_OUT_URI,
};
