// Creates and uses passkeys. Pages offer them only where this script runs and the browser can.
"use strict";

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

// The options of the server, with the binary members that are in base64url.
const parse = (form) => {
  const options = JSON.parse(form.dataset.options);
  options.challenge = decode(options.challenge);
  for (const credential of [...(options.allowCredentials ?? []), ...(options.excludeCredentials ?? [])]) {
    credential.id = decode(credential.id);
  }
  if (options.user) {
    options.user.id = decode(options.user.id);
  }
  return options;
};

// A credential as JSON, in the form of https://www.w3.org/TR/webauthn-3/#dom-publickeycredential-tojson
const serialize = ({ id, type }, response) => JSON.stringify({ id, rawId: id, type, response });

const append = (form, fields) => {
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
};

const send = (form, fields) => {
  append(form, fields);
  form.submit();
};

const explain = (form, error) => {
  const texts = { InvalidStateError: "known", NotAllowedError: "cancelled", SecurityError: "origin" };
  const problem = document.getElementById("passkey-problem");
  problem.textContent = form.dataset[texts[error.name]] ?? form.dataset.unable;
  problem.hidden = false;
};

// Only one request can wait. A click replaces the one of the username field.
let waiting = new AbortController();

const use = async (form, mediation) => {
  waiting.abort();
  waiting = new AbortController();
  try {
    const credential = await navigator.credentials.get({
      mediation,
      signal: waiting.signal,
      publicKey: parse(form),
    });
    const { response } = credential;
    send(form, {
      credential: serialize(credential, {
        clientDataJSON: encode(response.clientDataJSON),
        authenticatorData: encode(response.authenticatorData),
        signature: encode(response.signature),
        userHandle: response.userHandle ? encode(response.userHandle) : null,
      }),
    });
  } catch (error) {
    if (mediation === "optional" && error.name !== "AbortError") {
      explain(form, error);
    }
  }
};

// The model of the authenticator: https://www.w3.org/TR/webauthn-3/#sctn-attested-credential-data
const aaguid = (response) => {
  const data = response.getAuthenticatorData?.().slice(37, 53) ?? new ArrayBuffer(0);
  return Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

// The fields of a new passkey.
const create = async (publicKey) => {
  const credential = await navigator.credentials.create({ publicKey });
  const { response } = credential;
  return {
    credential: serialize(credential, {
      clientDataJSON: encode(response.clientDataJSON),
      attestationObject: encode(response.attestationObject),
    }),
    aaguid: aaguid(response),
  };
};

const add = async (form) => {
  try {
    send(form, await create(parse(form)));
  } catch (error) {
    explain(form, error);
  }
};

// An account begins with a passkey instead of a password. The device shows the names of the form.
const signUp = async (part, form) => {
  const [name, email, password] = ["name", "email", "new-password"].map((id) => document.getElementById(id));
  // The form is complete without it.
  password.disabled = true;
  try {
    if (form.reportValidity()) {
      const options = parse(part);
      Object.assign(options.user, { name: email.value, displayName: name.value });
      send(form, await create(options));
    }
  } catch (error) {
    explain(part, error);
  } finally {
    password.disabled = false;
  }
};

// A device that can keep a passkey is offered one after a sign-in with the password.
const signIn = document.getElementById("sign-in");
if (signIn && window.PublicKeyCredential) {
  PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.().then((can) => {
    if (can) {
      append(signIn, { can_keep_passkey: "yes" });
    }
  });
}

const offered = document.getElementById("passkey");
if (offered && window.PublicKeyCredential) {
  offered.hidden = false;
  document.getElementById("use-passkey").addEventListener("click", () => use(offered, "optional"));
  if ("fillsIn" in offered.dataset) {
    PublicKeyCredential.isConditionalMediationAvailable?.().then((can) => can && use(offered, "conditional"));
  }
}

const created = document.getElementById("new-passkey");
if (created && window.PublicKeyCredential) {
  created.hidden = false;
  document.getElementById("no-passkeys").hidden = true;
  document.getElementById("create-passkey").addEventListener("click", () => add(created));
}

const instead = document.getElementById("passkey-instead");
if (instead && window.PublicKeyCredential) {
  instead.hidden = false;
  const button = document.getElementById("sign-up-with-passkey");
  button.addEventListener("click", () => signUp(instead, button.form));
}
