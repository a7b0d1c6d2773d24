/** The app's side of the conversation with the test: lines of JSON out, lines with URLs in. */
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Sends the person's browser somewhere, and waits for the URL on which it comes back. */
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
  issuer: new URL(ISSUER),
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: REDIRECT_URI,
  signedOutUri: SIGNED_OUT_URI,
};
