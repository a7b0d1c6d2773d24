/** The corpus that all Writ verifiers run: `sdk/corpus/corpus.json`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type Token, Verifier, VerifyError } from "../src/index.js";

interface Sent {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}
type Network = Record<string, Sent>;
interface Step {
  at: number;
  network?: number;
  token?: string;
  authorization?: string[];
  times?: number;
  require?: string;
  accept?: object;
  refuse?: object;
  requests?: Record<string, number>;
}
interface Situation {
  name: string;
  issuer: string;
  network: number;
  introspecting?: boolean;
  accept_typ_jwt?: boolean;
  max_lifetime?: number;
  steps: Step[];
}
interface Corpus {
  audience: string;
  networks: Network[];
  situations: Situation[];
}

const corpus: Corpus = JSON.parse(
  readFileSync(new URL("../../../corpus/corpus.json", import.meta.url), "utf8"),
);

/** The time and the network of one situation. */
class World {
  now = 0;
  network: Network = {};
  readonly requests: string[] = [];

  readonly fetch = async (url: string): Promise<Response> => {
    await setImmediate();
    this.requests.push(url);
    const sent = this.network[url];
    if (!sent) throw new TypeError("unreachable");
    const { status, headers, body } = sent;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Response(status === 204 ? null : text, { status, headers });
  };

  enter(now: number, network: number | undefined): void {
    this.now = now;
    this.network = network === undefined ? this.network : (corpus.networks[network] ?? {});
  }
}

async function outcome(verifier: Verifier, step: Step): Promise<object> {
  let token: Token;
  try {
    token = await (step.authorization ? verifier.authenticate(step.authorization) : verifier.verify(step.token ?? ""));
    if (step.require !== undefined) token.require(step.require);
  } catch (error) {
    assert(error instanceof VerifyError, String(error));
    return { refuse: { reason: error.reason, status: error.status, challenge: error.challenge ?? null } };
  }
  return {
    accept: {
      subject: token.subject,
      client_id: token.clientId,
      scopes: token.scopes,
      actors: token.actor.map((actor) => actor.subject),
      expires_at: token.expiresAt,
    },
  };
}

async function run(situation: Situation): Promise<void> {
  const world = new World();
  const options = {
    fetch: world.fetch,
    clock: () => world.now,
    warn: () => {},
    acceptTypJwt: situation.accept_typ_jwt ?? false,
    ...(situation.max_lifetime !== undefined && { maxLifetime: situation.max_lifetime }),
  };
  let verifier = Verifier.discover(situation.issuer, corpus.audience, options);
  if (situation.introspecting) verifier = verifier.introspecting("talk", "secret");
  world.enter(0, situation.network);
  for (const [number, step] of situation.steps.entries()) {
    world.enter(step.at, step.network);
    const expected = step.accept ? { accept: step.accept } : { refuse: step.refuse };
    const together = Array.from({ length: step.times ?? 1 }, () => outcome(verifier, step));
    for (const actual of await Promise.all(together)) assert.deepEqual(actual, expected, `step ${number}`);
    // Let background refreshes finish.
    for (let turn = 0; turn < 16; turn++) await setImmediate();
    for (const [what, count] of Object.entries(step.requests ?? {})) {
      const end = what === "introspection" ? "/introspect" : `/${what}`;
      assert.equal(world.requests.filter((url) => url.endsWith(end)).length, count, `step ${number}: ${what}`);
    }
  }
}

describe("the corpus", () => {
  test("is there", () => assert(corpus.situations.length >= 150));
  for (const situation of corpus.situations) test(situation.name, () => run(situation));
});
