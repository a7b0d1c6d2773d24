consent-heading = { $app } bittet um Zugriff
consent-heading-difference = { $app } bittet um etwas Neues
consent-heading-nothing-new = { $app } fragt erneut nach Erlaubtem
consent-lead = Entfernen Sie den Haken bei allem, was Sie für sich behalten möchten.
consent-lead-difference = Neues steht oben. Wo Sie den Haken entfernen, endet die Erlaubnis.
consent-lead-nothing-new = Nichts ist neu. Wo Sie den Haken entfernen, endet die Erlaubnis.
consent-app-website = Website: { $host }
consent-app-privacy = Datenschutzerklärung von { $app }
consent-app-terms = Nutzungsbedingungen von { $app }
consent-contact = Kontakt: { $contact }
consent-verified = Von { $product } zugelassen
consent-unverified = Nicht geprüft: vom Entwickler selbst angemeldet, nicht von { $product } geprüft
consent-described-at = Nicht geprüft: eine App von { $host }, nicht von { $product } geprüft
consent-first-seen = { $product } bekannt seit { $date }
consent-organization = Betreiber: { $organization }
consent-organization-unverified = Gibt als Betreiber an: { $organization } (nicht geprüft)
consent-users =
    { $count ->
        [0] Hier benutzt sie noch niemand
        [one] Hier benutzt sie eine Person
       *[other] Hier benutzen sie { $number } Personen
    }
consent-look-alike-heading = Vielleicht ist das nicht die App, die Sie meinen
consent-look-alike-users =
    { $count ->
        [one] Das ist nicht die App { $name }, die hier eine Person benutzt ({ $host }).
       *[other] Das ist nicht die App { $name }, die hier { $number } Personen benutzen ({ $host }).
    }
consent-look-alike-host = Das ist nicht { $name } ({ $host }).
consent-look-alike = Das ist nicht { $name }.
consent-look-alike-leads = Sie führt zu { $host }.
consent-look-alike-native = Sie ist ein Programm auf diesem Gerät.
consent-leads-to = Führt Sie zu
consent-returns-to = Zurück zu
consent-native = Ein Programm auf diesem Gerät
consent-account = Ihr Konto
consent-another-account = Anderes Konto
consent-group = Bei { $server } möchte sie
consent-required = Nötig: Ohne das funktioniert die App nicht.
consent-required-offline = Gilt bei dieser App immer.
consent-required-reason = Nötig. { $app } sagt: „{ $reason }“
consent-meaning = Näheres
consent-cannot = Das kann sie nicht
consent-cannot-entry = { $server }: { $scope }
consent-cannot-not-open = { $server }: { $scope } (mit Ihrem Konto nicht möglich)
consent-cannot-acr = { $server }: { $scope } (nur mit zweitem Faktor)
consent-cannot-rest = Alles, was hier nicht steht oder keinen Haken hat
consent-cannot-unlisted = Alles, was hier nicht steht
consent-cannot-more =
    { $count ->
        [one] Noch eine Sache
       *[other] { $count } weitere Sachen
    }
consent-duration = Wie lange?
consent-duration-once = Nur dieses Mal
consent-duration-once-ends = höchstens { $duration }
consent-duration-once-ends-or-sign-out = höchstens { $duration } oder bis Sie sich abmelden
consent-duration-ends = bis { $date }
consent-duration-30-days = 30 Tage
consent-duration-until-revoked = Bis ich es zurücknehme
consent-duration-idle-ends = oder { $duration } unbenutzt
consent-duration-idle-or-age-ends = oder { $duration } unbenutzt, höchstens { $max }
consent-duration-session-ends = und nur, solange ich angemeldet bin
consent-duration-now = Was Sie vorher erlaubt haben, endet am { $date }. Ihre Wahl hier ersetzt das.
consent-duration-now-open = Was Sie vorher erlaubt haben, gilt, bis Sie es zurücknehmen. Ihre Wahl hier ersetzt das.
consent-away-optional = Ohne den Haken bei „Zugriff nach dem Abmelden behalten“ endet der Zugriff der App, wenn Sie sich bei { $product } abmelden; er dauert höchstens { $duration }.
consent-away-ends = Der Zugriff der App endet, wenn Sie sich bei { $product } abmelden; er dauert höchstens { $duration }.
consent-away-implicit = Die App behält diesen Zugriff, auch wenn Sie sich bei { $product } abmelden.
consent-away-own = Die App bleibt auf diesem Gerät verbunden, auch wenn Sie sich bei { $product } abmelden. Beenden können Sie das unter „Wo Sie angemeldet sind“.
consent-deny-nothing = Wenn Sie ablehnen, erhält { $app } nichts.
consent-deny-keeps = Wenn Sie ablehnen, behält { $app }, was Sie am { $date } erlaubt haben.
consent-approve = Erlauben
consent-deny = Ablehnen
consent-change-later = Ändern oder zurücknehmen können Sie das jederzeit:

risk-low = Geringes Risiko
risk-moderate = Mittleres Risiko
risk-elevated = Eher hohes Risiko
risk-high = Hohes Risiko

scope-new = Neu
scope-already-allowed = Schon erlaubt
scope-reworded = Schon erlaubt, damals anders beschrieben
scope-changed = Seit Ihrer Erlaubnis verändert
scope-claims = Die App erfährt aus Ihrem Konto außerdem: { $claims }
scope-previous-text = Bei Ihrer Erlaubnis stand hier:
scope-declined-before = Letztes Mal abgelehnt

scope-openid = Sie wiedererkennen
scope-openid-consequence = Die App erfährt bei jeder Anmeldung, dass Sie dieselbe Person sind.
scope-profile = Ihr Profil sehen
scope-profile-consequence = Ihren Namen, Ihr Bild, Geschlecht, Geburtstag, Sprache und Ähnliches, soweit Sie es eingetragen haben.
scope-email = Ihre E-Mail-Adresse sehen
scope-email-consequence = Die App kann Ihnen E-Mails schicken und erfährt, ob die Adresse bestätigt ist.
scope-address = Ihre Wohnadresse sehen
scope-address-consequence = Die App erfährt, wo Sie wohnen oder sich etwas liefern lassen.
scope-phone = Ihre Telefonnummer sehen
scope-phone-consequence = Die App kann Sie anrufen oder Ihnen Nachrichten schicken und erfährt, ob die Nummer bestätigt ist.
scope-groups = Ihre Gruppen sehen
scope-groups-consequence = Die App erfährt, zu welchen Gruppen und Teams Sie hier gehören, und kann Ihnen deshalb Rechte geben.
scope-offline-access = Zugriff nach dem Abmelden behalten
scope-offline-access-consequence = Die App kann nutzen, was Sie hier erlauben, auch wenn Sie nicht da oder abgemeldet sind.
scope-admin-clients-read = Die Apps dieses Servers sehen
scope-admin-clients-write = Apps dieses Servers hinzufügen, ändern und löschen
scope-admin-users-read = Die Konten aller Benutzer sehen
scope-admin-users-write = Konten von Benutzern anlegen, sperren und löschen
scope-admin-groups-read = Gruppen und ihre Mitglieder sehen
scope-admin-groups-write = Gruppen und ihre Mitglieder ändern
scope-admin-resources-read = Die APIs dieses Servers sehen
scope-admin-resources-write = APIs dieses Servers hinzufügen, ändern und löschen
scope-admin-keys-read = Die Signaturschlüssel sehen
scope-admin-keys-write = Die Signaturschlüssel ersetzen
scope-admin-registrations-read = Die Token sehen, mit denen sich Apps registrieren
scope-admin-registrations-write = Token anlegen und löschen, mit denen sich Apps registrieren
scope-admin-audit-read = Das Audit-Protokoll lesen
scope-admin-read-consequence = Die App sieht, was Sie als Administrator sehen, auch über andere.
scope-admin-write-consequence = Die App ändert dies für alle, in Ihrem Namen. Andere können den Zugriff verlieren.

denied-heading = { $app } hat nichts erhalten
denied-heading-again = { $app } hat nichts Neues erhalten
denied-advice = Sie können diese Seite schließen. Wenn Sie zurückgehen, erfährt die App, dass Sie abgelehnt haben, und sonst nichts.
denied-still-allowed = { $app } behält, was Sie am { $date } erlaubt haben.
denied-back = Zurück zu { $app }

not-open-heading = Mit Ihrem Konto können Sie { $app } nicht nutzen
not-open-lead = Nur Mitglieder bestimmter Gruppen können { $app } nutzen. Sie sind als { $username } angemeldet und in keiner dieser Gruppen.
not-open-needs = { $app } braucht Folgendes, und das können nur Mitglieder bestimmter Gruppen erlauben. Sie sind als { $username } angemeldet und in keiner dieser Gruppen.
not-open-contact = Wenn Sie Zugang brauchen, wenden Sie sich an: { $contact }
not-open-ask = Wenn Sie Zugang brauchen, wenden Sie sich an die Verwaltung von { $product }.

navigate-allowed = Sie haben { $app } Zugriff erlaubt
navigate-signed-in = Sie sind angemeldet
navigate-taking-you = Sie werden zu { $host } geleitet.
navigate-opening = { $app } wird auf diesem Gerät geöffnet.
navigate-continue = Jetzt dorthin
form-post-heading = Zurück zu { $app }
