/** Auth.js with Express: a page that only users who sign in may see. */
import { Auth, raw, skipCSRFCheck } from "@auth/core";
import { ExpressAuth, getSession } from "@auth/express";
import express from "express";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP } = process.env;
const provider = {
  id: "writ",
  name: "Writ",
  type: "oidc",
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
};
const config = {
  providers: [provider],
  secret: "a secret of the app alone, of 32 characters",
  basePath: "/api/auth",
  trustHost: true,
};

/** Starts a sign-in as `signIn` of next-auth does. */
async function signIn(response) {
  const request = new Request(`${APP}/api/auth/signin/writ`, {
    method: "POST",
    body: new URLSearchParams({ callbackUrl: `${APP}/private` }),
  });
  const { cookies, redirect } = await Auth(request, { ...config, raw, skipCSRFCheck });
  for (const { name, value, options } of cookies) response.append("set-cookie", cookie(name, value, options));
  response.redirect(redirect);
}

/** A `Set-Cookie` value. */
function cookie(name, value, { path = "/", maxAge }) {
  return `${name}=${encodeURIComponent(value)}; Path=${path}; HttpOnly${maxAge ? `; Max-Age=${maxAge}` : ""}`;
}

const app = express();
app.get("/open", (request, response) => response.json({}));
app.use("/api/auth", ExpressAuth(config));
app.get("/private", async (request, response) => {
  const session = await getSession(request, config);
  if (!session) return signIn(response);
  response.json({ email: session.user.email });
});
app.listen(Number(new URL(APP).port), "127.0.0.1");
