login-providers = Anders anmelden
login-with = Weiter mit { $provider }
login-routed = Mit einer Adresse bei { $domain } melden Sie sich über { $provider } an.
login-problem-provider = Sie sind nicht angemeldet

provider-cancelled = Sie haben die Anmeldung bei { $provider } abgebrochen. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
provider-unavailable = Über { $provider } war die Anmeldung nicht möglich. Mit Ihrem Konto ist alles in Ordnung. Versuchen Sie es später noch einmal, oder melden Sie sich anders an.
provider-not-recent = Die gewünschte Seite verlangt, dass Sie sich gerade eben angemeldet haben. { $provider } sagt darüber nichts. Melden Sie sich anders an.
provider-disabled = Das Konto, das zu Ihrem Konto bei { $provider } gehört, ist gesperrt.
provider-linked-elsewhere = Ihr Konto bei { $provider } gehört hier schon zu einem anderen Konto.
provider-ended = Es hat zu lange gedauert, oder Sie wurden abgemeldet. Beginnen Sie bitte noch einmal mit { $provider }.

first-time-heading = Sie sind neu hier
first-time-account = Bei { $provider } heißen Sie { $account }. Dazu gehört hier noch kein Konto.
first-time-anonymous = { $provider } hat Sie angemeldet. Dazu gehört hier noch kein Konto.
first-time-new = Mit einem neuen Konto beginnen
first-time-known = Sie haben hier schon ein Konto?
first-time-link = Melden Sie sich einmal damit an. Danach geht es auch mit { $provider }.
first-time-stale = Diese Seite war lange offen. Versuchen Sie es bitte noch einmal.

link-heading = Künftig mit { $provider } anmelden?
link-what = Danach öffnet Ihr Konto bei { $provider } hier das Konto { $username }. Auf Ihrer Kontoseite können Sie das rückgängig machen.
link-here = Konto hier
link-unnamed = Ein Konto ohne Namen
link-submit = Ja, beide verbinden
link-skip = Jetzt nicht

links-heading = Anmeldung mit anderen Konten
links-see = Ansehen und ändern
links-what = Wer sich bei einem dieser Konten anmelden kann, kann sich auch hier anmelden.
links-none = Keines ist verbunden.
links-since = Seit { $date }.
links-last-used = Zuletzt verwendet: { $date }.
links-remove = Entfernen
links-remove-of = { $provider } entfernen
links-add = { $provider } verbinden
links-last-way = Sie können sich nur damit anmelden. Wählen Sie zuerst ein Passwort, zum Beispiel mit „Passwort vergessen?“ auf der Anmeldeseite.

confirm-provider-why = Zum Schutz Ihres Kontos melden Sie sich bitte noch einmal an.
confirm-no-way = Zum Schutz Ihres Kontos ist dafür eine neue Anmeldung nötig. Wählen Sie zuerst ein Passwort: Melden Sie sich ab und benutzen Sie „Passwort vergessen?“ auf der Anmeldeseite.

event-provider-linked = Ein Konto zum Anmelden wurde verbunden
event-provider-linked-named = Die Anmeldung mit { $provider } wurde verbunden
event-provider-unlinked = Ein Konto zum Anmelden wurde entfernt
event-provider-unlinked-named = Die Anmeldung mit { $provider } wurde entfernt

notice-provider-linked-subject = Eine weitere Anmeldung bei { $product }
notice-provider-linked = Das Konto eines anderen Dienstes wurde mit Ihrem Konto { $username } verbunden und öffnet es von jetzt an: { $moment }, von { $network } aus.
notice-provider-linked-named = Ein Konto bei { $provider } wurde mit Ihrem Konto { $username } verbunden und öffnet es von jetzt an: { $moment }, von { $network } aus.
notice-provider-unlinked-subject = Eine Anmeldung weniger bei { $product }
notice-provider-unlinked = Das Konto eines anderen Dienstes öffnet Ihr Konto { $username } nicht mehr. Es wurde entfernt: { $moment }, von { $network } aus.
notice-provider-unlinked-named = Ihr Konto bei { $provider } öffnet Ihr Konto { $username } nicht mehr. Es wurde entfernt: { $moment }, von { $network } aus.
