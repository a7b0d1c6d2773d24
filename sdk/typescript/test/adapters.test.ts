/** The adapters for Express, Fastify and fetch handlers behave alike. */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import express from "express";
import fastify from "fastify";
import * as forExpress from "../src/express.js";
import * as forFastify from "../src/fastify.js";
import * as forFetch from "../src/fetch.js";
import { Verifier } from "../src/index.js";
import { Issuer } from "../src/testing.js";

const TALK = "https://talk.example/api";
const METADATA_PATH = "/.well-known/oauth-protected-resource/api";
const PASSWORD = "urn:writ:acr:password";
const METADATA = `resource_metadata="https://talk.example${METADATA_PATH}"`;

interface Outcome {
  status: number;
  challenge: string | undefined;
  body: string;
}
type Get = (path: string, authorization: string[]) => Promise<Outcome>;
interface App {
  get: Get;
  stop: () => Promise<void>;
}

/** `GET` over HTTP, where a header can be sent twice. */
function over(port: number): Get {
  return (path, authorization) =>
    new Promise((resolve, reject) => {
      const headers = authorization.flatMap((value) => ["authorization", value]);
      const request = httpRequest({ host: "127.0.0.1", port, path, headers: ["host", "talk", ...headers] });
      request.on("error", reject).on("response", async (response) => {
        const challenge = response.headers["www-authenticate"];
        resolve({ status: response.statusCode ?? 0, challenge, body: await text(response) });
      });
      request.end();
    });
}

async function withExpress(verifier: Verifier): Promise<App> {
  const app = express().disable("x-powered-by").set("env", "test");
  app.use(forExpress.resourceMetadata(verifier));
  app.get("/messages", forExpress.protect(verifier, "message:read"), (request, response) => {
    response.send(forExpress.tokenOf(request).subject);
  });
  app.get("/late", forExpress.protect(verifier), (request) => {
    forExpress.tokenOf(request).require("message:send");
  });
  app.get("/payments", forExpress.protect(verifier), (request, response) => {
    forExpress.tokenOf(request).requireAuthentication({ acrValues: [PASSWORD], maxAge: 300 });
    response.send();
  });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const stop = async () => void server.close();
  return { get: over((server.address() as AddressInfo).port), stop };
}

async function withFastify(verifier: Verifier): Promise<App> {
  const app = fastify();
  app.register(forFastify.resourceMetadata(verifier));
  const onRequest = forFastify.protect(verifier, "message:read");
  app.get("/messages", { onRequest }, async (request) => forFastify.tokenOf(request).subject);
  app.get("/late", { onRequest: forFastify.protect(verifier) }, async (request) => {
    forFastify.tokenOf(request).require("message:send");
  });
  app.get("/payments", { onRequest: forFastify.protect(verifier) }, async (request) => {
    forFastify.tokenOf(request).requireAuthentication({ acrValues: [PASSWORD], maxAge: 300 });
    return "";
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { get: over((app.server.address() as AddressInfo).port), stop: () => app.close() };
}

async function withFetch(verifier: Verifier): Promise<App> {
  const messages = forFetch.protect(verifier, "message:read", (_, token) => new Response(token.subject));
  const late = forFetch.protect(verifier, undefined, (_, token) => {
    token.require("message:send");
    return new Response();
  });
  const payments = forFetch.protect(verifier, undefined, (_, token) => {
    token.requireAuthentication({ acrValues: [PASSWORD], maxAge: 300 });
    return new Response();
  });
  const handlers: Record<string, typeof messages> = { "/late": late, "/payments": payments };
  const get: Get = async (path, authorization) => {
    const headers = authorization.map((value): [string, string] => ["authorization", value]);
    const request = new Request(`https://talk.example${path}`, { headers });
    const document = forFetch.resourceMetadata(verifier, request);
    const response = document ?? (await (handlers[path] ?? messages)(request));
    const challenge = response.headers.get("www-authenticate") ?? undefined;
    return { status: response.status, challenge, body: await response.text() };
  };
  return { get, stop: async () => {} };
}

for (const [name, start] of Object.entries({ express: withExpress, fastify: withFastify, fetch: withFetch })) {
  describe(name, () => {
    let issuer: Issuer;
    let app: App;
    const bearer = async (scope: string) => `Bearer ${await issuer.token(TALK).scope(scope).sign()}`;

    before(async () => {
      issuer = await Issuer.start();
      app = await start(Verifier.discover(issuer.url, TALK, { scopesSupported: ["message:read"], warn: () => {} }));
    });
    after(async () => {
      await app.stop();
      await issuer.stop();
    });

    test("response is 503 without challenge when issuer unavailable", async () => {
      issuer.setDown(true);
      const other = await start(Verifier.discover(issuer.url, TALK, { warn: () => {} }));
      const { status, challenge } = await other.get("/messages", [await bearer("message:read")]);
      issuer.setDown(false);
      await other.stop();
      assert.deepEqual({ status, challenge }, { status: 503, challenge: undefined });
    });

    test("request is accepted when scope granted", async () => {
      const granted = await app.get("/messages", [await bearer("message:read")]);
      assert.deepEqual(granted, { status: 200, challenge: undefined, body: "alice" });
    });

    test("request is refused with challenge when scope missing", async () => {
      const refused = await app.get("/messages", [await bearer("message:send")]);
      const description = "the scope message:read is required";
      assert.equal(refused.status, 403);
      assert.equal(
        refused.challenge,
        `Bearer error="insufficient_scope", error_description="${description}", scope="message:read", ${METADATA}`,
      );
      assert.deepEqual(JSON.parse(refused.body), { error: "insufficient_scope", error_description: description });
    });

    test("handler may require a scope itself", async () => {
      const { status, challenge } = await app.get("/late", [await bearer("message:read")]);
      assert.equal(status, 403);
      assert.match(challenge ?? "", /^Bearer error="insufficient_scope".*scope="message:send"/);
    });

    test("request is challenged when authentication old or by another method", async () => {
      const auth_time = Math.floor(Date.now() / 1000);
      const getPayments = async (age: number, acr = PASSWORD) => {
        const token = issuer.token(TALK).claim("acr", acr).claim("auth_time", auth_time - age);
        return app.get("/payments", [`Bearer ${await token.sign()}`]);
      };
      assert.equal((await getPayments(300)).status, 200);
      for (const refused of [await getPayments(340), await getPayments(0, "urn:example:other")]) {
        assert.equal(refused.status, 401);
        assert.equal(
          refused.challenge,
          'Bearer error="insufficient_user_authentication", ' +
            'error_description="a more recent or another authentication is required", ' +
            `acr_values="${PASSWORD}", max_age="300", ${METADATA}`,
        );
      }
    });

    test("request is refused when token missing, repeated or expired", async () => {
      assert.deepEqual((await app.get("/messages", [])).challenge, `Bearer ${METADATA}`);
      assert.equal((await app.get("/messages", ["Basic YTpi"])).status, 401);
      const good = await bearer("message:read");
      assert.equal((await app.get("/messages", [good, good])).status, 400);
      const expired = await app.get("/messages", [`Bearer ${await issuer.token(TALK).expired().sign()}`]);
      assert.match(expired.challenge ?? "", /error="invalid_token", error_description="the token has expired"/);
    });

    test("resource metadata is served at the URL in challenges", async () => {
      const { status, body } = await app.get(METADATA_PATH, []);
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(body), {
        resource: TALK,
        authorization_servers: [issuer.url],
        scopes_supported: ["message:read"],
        bearer_methods_supported: ["header"],
      });
    });
  });
}
