/** The verifier with an issuer in the same process, over HTTP. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Verifier, VerifyError } from "../src/index.js";
import { Issuer } from "../src/testing.js";

const TALK = "https://talk.example";
let issuer: Issuer;
before(async () => {
  issuer = await Issuer.start();
});
after(() => issuer.stop());

const discover = () => Verifier.discover(issuer.url, TALK, { warn: () => {} });
const isRefused = (reason: string) => (error: unknown) => error instanceof VerifyError && error.reason === reason;

test("token has the claims of the access token", async () => {
  const builder = issuer.token(TALK).subject("mina").clientId("assistant").scope("message:read message:send");
  const token = await discover().verify(await builder.actor("billing").actor("assistant").sign());
  assert.equal(token.subject, "mina");
  assert.equal(token.clientId, "assistant");
  assert.deepEqual(token.scopes, ["message:read", "message:send"]);
  assert.deepEqual(token.actor.map((actor) => actor.subject), ["assistant", "billing"]);
});

test("new key is found at once when kid unknown", async () => {
  const verifier = discover();
  const first = await issuer.token(TALK).sign();
  await verifier.verify(first);
  for (const algorithm of ["RS256", "EdDSA", "ES256"] as const) {
    await issuer.rotate(algorithm);
    await verifier.verify(await issuer.token(TALK).sign());
  }
  await verifier.verify(first);
});

test("token is refused when not an access token of the issuer", async () => {
  const verifier = discover();
  await assert.rejects(verifier.verify(issuer.token(TALK).unsigned()), isRefused("algorithm_not_allowed"));
  await assert.rejects(verifier.verify(await issuer.token(TALK).signWithForeignKey()), isRefused("bad_signature"));
  const idToken = await issuer.token(TALK).header("typ", "JWT").sign();
  await assert.rejects(verifier.verify(idToken), isRefused("wrong_type"));
});

test("token is refused at once when revoked and introspected", async () => {
  const verifier = discover();
  const introspecting = verifier.introspecting("talk", "secret");
  const token = await issuer.token(TALK).sign();
  issuer.revoke(token);
  await verifier.verify(token);
  await assert.rejects(introspecting.verify(token), isRefused("inactive"));
  await introspecting.verify(await issuer.token(TALK).sign());
  await assert.rejects(introspecting.verify("an-opaque-handle"), isRefused("inactive"));
});

test("keys are used as long as configured when issuer unavailable", async (context) => {
  let now = 1_790_000_000;
  const own = await Issuer.start();
  context.after(() => own.stop());
  const verifier = Verifier.discover(own.url, TALK, { clock: () => now, staleIfError: 3600, warn: () => {} });
  const token = await own.token(TALK).claim("iat", now).claim("exp", now + 10_000).sign();
  await verifier.verify(token);
  own.setDown(true);
  now += 3600 + 299;
  await verifier.verify(token);
  now += 1;
  await assert.rejects(verifier.verify(token), isRefused("unavailable"));
});

test("changed or truncated token is refused with a VerifyError", async () => {
  const verifier = discover();
  const good = await issuer.token(TALK).scope("message:read").sign();
  for (let at = 0; at < good.length; at++) {
    for (const changed of [`${good.slice(0, at)}~${good.slice(at + 1)}`, good.slice(0, at), good.slice(at + 1)]) {
      await assert.rejects(verifier.verify(changed), VerifyError);
    }
  }
});

test("issuer must be https or loopback, audience must not be empty", () => {
  for (const good of ["https://login.example", "https://login.example/a/", "http://localhost:1", "http://[::1]:1"]) {
    Verifier.discover(good, TALK);
  }
  const bad = [
    "http://login.example",
    "http://127.0.0.1.login.example",
    "ftp://login.example",
    "https://login.example?a=b",
    "https://login.example#fragment",
    "https://user:password@login.example",
    "login.example",
    "",
  ];
  for (const issuer of bad) assert.throws(() => Verifier.discover(issuer, TALK), TypeError, issuer);
  assert.throws(() => Verifier.discover("https://login.example", ""), TypeError);
});
