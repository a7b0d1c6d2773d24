// go-oidc with x/oauth2: a page that only users who sign in may see.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	app := os.Getenv("APP")
	provider, err := oidc.NewProvider(context.Background(), os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  app + "/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email"},
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: config.ClientID})
	// One user at a time: a real app keeps these in the session.
	state, nonce, proof := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	var email string

	http.HandleFunc("/open", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("{}")) })
	http.HandleFunc("/private", func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("state"); err == nil && cookie.Value == state && email != "" {
			json.NewEncoder(w).Encode(map[string]string{"email": email})
			return
		}
		location := config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(proof))
		http.Redirect(w, r, location, http.StatusSeeOther)
	})
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("state") != state {
			http.Error(w, "another state", http.StatusBadRequest)
			return
		}
		token, err := config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(proof))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		raw, _ := token.Extra("id_token").(string)
		idToken, err := verifier.Verify(r.Context(), raw)
		if err != nil || idToken.Nonce != nonce {
			http.Error(w, "no ID token for this sign-in", http.StatusBadGateway)
			return
		}
		var claims struct{ Email string }
		if err := idToken.Claims(&claims); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		email = claims.Email
		http.SetCookie(w, &http.Cookie{Name: "state", Value: state, Path: "/"})
		http.Redirect(w, r, "/private", http.StatusSeeOther)
	})
	address, err := url.Parse(app)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(address.Host, nil))
}
