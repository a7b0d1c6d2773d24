console-heading = Verwaltung
console-nav = Verwaltung
console-overview = Übersicht
console-apps = Apps
console-users = Konten

console-closed = Das Konto { $username } darf diesen Server nicht verwalten. Fragen Sie die Verwaltung, oder verwenden Sie ein anderes Konto.
console-needs-factor = Um diesen Server zu verwalten, brauchen Sie die Anmeldung in zwei Schritten. Richten Sie sie ein, und kommen Sie dann auf diese Seite zurück.

console-join-heading = Verwaltung übernehmen
console-join-lead = Das Konto { $username } wird alle Konten und alle Apps von { $product } sehen und ändern können.
console-join-submit = Verwaltung übernehmen
console-join-void = Dieser Link gilt nicht mehr oder ist für ein anderes Konto. Er gilt einmal, 30 Minuten lang.

console-attention = Braucht Aufmerksamkeit
console-attention-none = Im Moment nichts.
console-key-due = Der Signaturschlüssel für { $alg } muss gewechselt werden.
console-mails-dead =
    { $count ->
        [one] { $count } E-Mail konnte nicht zugestellt werden.
       *[other] { $count } E-Mails konnten nicht zugestellt werden.
    }
console-review = Apps zur Prüfung
console-review-lead = Sie haben sich selbst registriert. Vor ihnen wird gewarnt, bis sie jemand aus der Verwaltung genehmigt.
console-review-more = Weitere stehen in der Liste der Apps.

console-changes = Letzte Änderungen der Verwaltung
console-changes-none = Noch keine.
console-because = Grund: { $reason }
console-members =
    { $count ->
        [one] { $count } Wert
       *[other] { $count } Werte
    }

console-find = Suchen
console-next = Nächste Seite
console-app = App
console-client-id = Client-ID
console-registered = Registriert
console-apps-none = Es gibt noch keine Apps.
console-app-not-found = Es gibt keine App mit dieser Client-ID. Dies ist die ganze Liste.
console-unapproved = Nicht genehmigt
console-origin-administrator = von der Verwaltung
console-origin-self = von der App selbst
console-origin-document = durch ihr Metadaten-Dokument
console-usage = In Gebrauch
console-grants =
    { $grants ->
        [one] { $grants } Freigabe
       *[other] { $grants } Freigaben
    } von { $users ->
        [one] { $users } Konto
       *[other] { $users } Konten
    }
console-open-to = Offen für
console-open-to-none = niemanden
console-grants-many = Mehr als { $number } Freigaben
console-authentication = Authentifizierung
console-grant-types = Grant-Typen
console-redirect-uris = Redirect-URIs
console-scopes = Was sie erbitten darf
console-scopes-lead = Mit den Worten der Zustimmungsseite.
console-scopes-none = Nichts.
console-required = Ohne das funktioniert die App nicht.
console-secrets = Geheimnisse
console-secret-made = Gültig seit { $moment }
console-secret-used = Zuletzt benutzt { $moment }, auf die Stunde genau
console-secret-unused = Keine Benutzung verzeichnet
console-failures = Zuletzt abgelehnte Anfragen
console-failures-none = Keine.
console-when = Wann
console-endpoint = Endpunkt
console-cause = Ursache
console-description = Beschreibung

console-login = Benutzername, bestätigte E-Mail-Adresse oder ID
console-user-not-found = Es gibt kein solches Konto. Dies ist die ganze Liste.
console-username = Benutzername
console-name = Name
console-created = Angelegt
console-unverified = { $email } (nicht bestätigt)
console-disabled = Gesperrt
console-disabled-since = Dieses Konto ist seit { $moment } gesperrt.
console-groups = Gruppen
console-no-factor = Keiner
console-sessions = Sitzungen
console-sessions-none = Das Konto ist nirgends angemeldet.
console-device = Gerät
console-network = Netz
console-signed-in = Angemeldet
console-last-seen = Zuletzt benutzt
console-connections-none = Es sind keine Apps verbunden.
console-allowed = Erlaubt
console-since = Seit

console-approve = Genehmigen
console-approve-heading = { $app } genehmigen?
console-approve-effect = Die Zustimmungsseite warnt nicht mehr vor der App, merkt sich Erlaubtes und zeigt ihr Logo.
console-rotate = Neues Geheimnis
console-rotate-heading = Neues Geheimnis für { $app } erzeugen?
console-rotate-effect = Das neue Geheimnis wird einmal gezeigt. Das vorige gilt bis zum nächsten Wechsel, ältere enden sofort.
console-disconnect = Alle Konten trennen
console-disconnect-heading = Alle Konten von { $app } trennen?
console-grants-end =
    { $grants ->
        [0] Keine Freigabe endet.
        [one] { $grants } Freigabe von { $users ->
            [one] { $users } Konto
           *[other] { $users } Konten
        } endet.
       *[other] { $grants } Freigaben von { $users ->
            [one] { $users } Konto
           *[other] { $users } Konten
        } enden.
    }
console-grants-end-many = Mehr als { $number } Freigaben enden.
console-disconnect-effect = Die App muss neu erlaubt werden. Zugriffstoken, die sie hat, können bis zu ihrem Ablauf angenommen werden.
console-delete-app = App löschen
console-delete-app-heading = { $app } löschen?
console-delete-app-effect = Die Registrierung und ihre Geheimnisse werden gelöscht. Das lässt sich nicht rückgängig machen.

console-disable-app-heading = { $app } sperren?
console-disable-app-effect = Bis zur Freigabe bekommt die App keine Codes und keine Token, niemand kann sich bei ihr anmelden, und die Introspektion nennt ihre Token ungültig. APIs, die Token selbst prüfen, nehmen die vorhandenen bis zu ihrem Ablauf an. Nichts wird gelöscht.
console-enable-app-heading = { $app } freigeben?
console-enable-app-effect = Die App kann wieder arbeiten. Was ihr erlaubt wurde, gilt wieder.
console-grants-suspended =
    { $grants ->
        [0] Keine Freigabe ruht.
        [one] { $grants } Freigabe von { $users ->
            [one] { $users } Konto
           *[other] { $users } Konten
        } ruht.
       *[other] { $grants } Freigaben von { $users ->
            [one] { $users } Konto
           *[other] { $users } Konten
        } ruhen.
    }
console-grants-suspended-many = Mehr als { $number } Freigaben ruhen.
console-disabled-app-since = Diese App ist seit { $moment } gesperrt.
console-connection-heading = { $app } von { $username } trennen?
console-connection-effect = Freigaben und Zustimmung enden: { $scopes }

console-sign-out = Überall abmelden
console-sign-out-heading = { $username } überall abmelden?
console-sessions-end =
    { $count ->
        [0] Keine Sitzung endet.
        [one] { $count } Sitzung endet.
       *[other] { $count } Sitzungen enden.
    }
console-sign-out-effect = Apps, die auch in Abwesenheit arbeiten, behalten ihren Zugriff.
console-unlock = Entsperren
console-unlock-heading = { $username } entsperren?
console-unlock-effect = Falsche Passwörter und Codes werden vergessen, so dass die Anmeldung sofort möglich ist.
console-reset-factors = Zweiten Faktor entfernen
console-reset-factors-heading = Den zweiten Faktor von { $username } entfernen?
console-reset-factors-effect = Die Authenticator-App, die Passkeys, die Wiederherstellungscodes und das Vertrauen in Browser enden. Dann genügt das Passwort; wer keines hat, braucht einen Wiederherstellungslink.
console-reset-factors-warning = Vergewissern Sie sich zuerst, dass Sie der Mensch bittet, dem das Konto gehört.
console-disable = Sperren
console-disable-heading = { $username } sperren?
console-disable-effect = Eine Anmeldung ist nicht möglich, und Apps bekommen keine Token, bis das Konto freigegeben wird.
console-enable = Freigeben
console-enable-heading = { $username } freigeben?
console-enable-effect = Die Anmeldung ist wieder möglich, und verbundene Apps bekommen wieder Token.
console-delete-user = Konto löschen
console-delete-user-heading = { $username } löschen?
console-user-grants-end =
    { $count ->
        [0] Keine App verliert Zugriff.
        [one] { $count } Freigabe für eine App endet.
       *[other] { $count } Freigaben für Apps enden.
    }
console-delete-user-effect = Das Konto und alles, was dazu gehört, wird gelöscht. Das lässt sich nicht rückgängig machen.

console-reason = Grund, für das Protokoll (freiwillig)
console-keep = Nichts ändern
console-refused = Nichts wurde geändert
console-changed = Es hat sich geändert, seit Sie es gesehen haben. Sehen Sie es noch einmal an, und entscheiden Sie dann.
console-partly = Noch nicht alle Konten wurden getrennt
console-disconnected-partly =
    { $count ->
        [one] { $count } Konto wurde getrennt, andere noch nicht. Sehen Sie die App noch einmal an, und machen Sie dort weiter.
       *[other] { $count } Konten wurden getrennt, andere noch nicht. Sehen Sie die App noch einmal an, und machen Sie dort weiter.
    }
console-last-administrator = Dann bliebe niemand für die Verwaltung übrig. Nehmen Sie zuerst ein anderes Konto in die Verwaltung auf.
console-command-line = Das lässt sich nur auf der Kommandozeile ändern.
console-no-secret = Diese App hat kein Geheimnis.
console-meanwhile = Letzte Änderungen
console-look-again = Noch einmal ansehen
console-new-secret = Neues Geheimnis
console-secret-once = Es wird nur jetzt gezeigt. Bewahren Sie es dort auf, wo die App es liest, und sonst nirgends.
console-secret-kept = Ich habe es aufbewahrt
console-approved-now = Die App ist genehmigt.
console-disconnected-now = Alle Konten sind getrennt.
console-deleted-app = Die App wurde gelöscht.
console-deleted-user = Das Konto wurde gelöscht.
