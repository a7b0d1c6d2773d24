/** passport-openidconnect: a page that only users who sign in may see. */
import express from "express";
import session from "express-session";
import passport from "passport";
import OpenIDConnectStrategy from "passport-openidconnect";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP, UNBOUND } = process.env;
const strategy = new OpenIDConnectStrategy(
  {
    issuer: ISSUER,
    authorizationURL: `${ISSUER}/authorize`,
    tokenURL: `${ISSUER}/token`,
    userInfoURL: `${ISSUER}/userinfo`,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    callbackURL: `${APP}/callback`,
    scope: ["profile", "email"],
    ...(UNBOUND ? {} : { nonce: true }),
  },
  (issuer, profile, done) => done(null, { email: profile.emails[0].value }),
);
passport.use("writ", strategy);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: "of no account", resave: false, saveUninitialized: false }));
app.use(passport.session());
app.get("/open", (request, response) => response.json({}));
app.get("/callback", passport.authenticate("writ"), (request, response) => response.redirect("/private"));
app.get("/private", (request, response, next) =>
  request.user ? response.json(request.user) : passport.authenticate("writ")(request, response, next),
);
app.listen(Number(new URL(APP).port), "127.0.0.1");
