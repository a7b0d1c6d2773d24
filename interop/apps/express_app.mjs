/** express-openid-connect: a page that only users who sign in may see. */
import express from "express";
import oidc from "express-openid-connect";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP } = process.env;
const app = express();
app.get("/open", (request, response) => response.json({}));
app.use(
  oidc.auth({
    issuerBaseURL: ISSUER,
    baseURL: APP,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: "a secret of the app alone, of 32 characters",
    idpLogout: true,
    routes: { postLogoutRedirect: `${APP}/open` },
    authorizationParams: { response_type: "code", scope: "openid profile email" },
  }),
);
app.get("/private", (request, response) => response.json({ email: request.oidc.user.email }));
app.listen(Number(new URL(APP).port), "127.0.0.1");
