// zitadel/oidc: a page that only users who sign in may see.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

func main() {
	app := os.Getenv("APP")
	cookies := httphelper.NewCookieHandler([]byte(rand.Text()), nil, httphelper.WithUnsecure())
	party, err := rp.NewRelyingPartyOIDC(
		context.Background(),
		os.Getenv("ISSUER"),
		os.Getenv("CLIENT_ID"),
		os.Getenv("CLIENT_SECRET"),
		app+"/callback",
		[]string{"openid", "profile", "email"},
		rp.WithPKCE(cookies),
	)
	if err != nil {
		log.Fatal(err)
	}
	// One user at a time: a real app keeps this in the session.
	email, session := "", rand.Text()

	signIn := rp.AuthURLHandler(rand.Text, party)
	signedIn := func(
		w http.ResponseWriter, r *http.Request, _ *oidc.Tokens[*oidc.IDTokenClaims], _ string, _ rp.RelyingParty, user *oidc.UserInfo,
	) {
		email = user.Email
		http.SetCookie(w, &http.Cookie{Name: "session", Value: session, Path: "/"})
		http.Redirect(w, r, "/private", http.StatusSeeOther)
	}
	http.HandleFunc("/open", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("{}")) })
	http.HandleFunc("/private", func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("session"); err == nil && cookie.Value == session && email != "" {
			json.NewEncoder(w).Encode(map[string]string{"email": email})
			return
		}
		signIn(w, r)
	})
	http.Handle("/callback", rp.CodeExchangeHandler(rp.UserinfoCallback(signedIn), party))
	address, err := url.Parse(app)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(address.Host, nil))
}
