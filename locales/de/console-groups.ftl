console-groups-lead = Apps und Scopes können nur für einige Gruppen offen sein. Eine Gruppe kann in einer anderen sein.
console-groups-none = Es gibt noch keine Gruppen.
console-group-parent = In Gruppe
console-group-top = in keiner anderen Gruppe
console-group-new = Neue Gruppe
console-create = Anlegen
console-name-taken = Dieser Name, diese ID oder Audience ist schon vergeben. Wählen Sie etwas anderes.
console-name-invalid = Dieser Name geht nicht: Er ist zu lang, hat andere Zeichen oder ist reserviert.
console-group-not-nested = Gruppen sind eine Stufe tief verschachtelt: Die andere Gruppe ist schon in einer, oder diese hat eigene Gruppen.
console-group-in-use = Etwas ist nur für diese Gruppe offen. Ändern Sie das zuerst: Ohne die Gruppe wäre es für weniger Konten offen.
console-group-too-many = Das Konto ist in zu vielen Gruppen.
console-user-not-found-here = Es gibt kein Konto mit diesem Namen, dieser bestätigten Adresse oder dieser ID.
console-group-administrators = Wer in dieser Gruppe ist, verwaltet den Server.
console-group-uses = Offen für diese Gruppe
console-group-uses-more = Es gibt noch mehr. `writ group show` listet alles auf.
console-group-nested = Gruppen in dieser Gruppe
console-group-members-heading = Mitglieder
console-group-members =
    { $count ->
        [0] Keine Mitglieder.
        [one] { $count } Mitglied
       *[other] { $count } Mitglieder
    }
console-group-members-many = Mehr als { $number } Mitglieder
console-group-add-heading = Mitglied aufnehmen
console-group-add = Aufnehmen
console-group-remove = Entfernen
console-group-remove-one = { $username } entfernen
console-group-remove-heading = { $username } aus { $group } entfernen?
console-group-remove-effect = Was nur für diese Gruppe offen ist, ist für das Konto sofort geschlossen, auch für verbundene Apps.
console-group-delete = Gruppe löschen
console-group-delete-heading = { $group } löschen?
console-group-leave =
    { $count ->
        [0] Kein Konto verlässt sie.
        [one] { $count } Konto verlässt sie.
       *[other] { $count } Konten verlassen sie.
    }
console-group-leave-many = Mehr als { $number } Konten verlassen sie.
console-group-delete-effect = Die Gruppen in ihr bleiben und sind dann in keiner anderen. Token nennen sie nicht mehr. Das lässt sich nicht rückgängig machen.

console-resources = APIs
console-resources-lead = Die Ressourcenserver, die Token dieses Servers annehmen, und ihre Scopes.
console-resources-none = Es gibt noch keine APIs.
console-resource-id = ID
console-resource-new = Neue API
console-name-english = Name, auf Englisch
console-audience = Audience
console-scope-count = Scopes
console-token-profile = Zugriffstoken
console-introspection = Introspektion
console-resource-secret = Sie hat ein Geheimnis.
console-resource-no-secret = Sie hat kein Geheimnis.
console-risk = Risiko
console-risk-lead = Bei höherem Risiko wird neu gefragt.
console-lint = Worte
console-lint-none = gut
console-lint-count =
    { $count ->
        [one] { $count } Problem
       *[other] { $count } Probleme
    }
console-scope-new = Neuer Scope
console-scope-new-lead = Die Worte in den anderen Sprachen folgen auf seiner Seite.
console-scope-name = Name, wie message:read
console-scope-sentence = Was er erlaubt, auf Englisch
console-scope-consequence = Die Folge, auf Englisch
console-scope-sentence-short = Was er erlaubt
console-scope-consequence-short = Folge
console-scope-default = Enthalten, wenn eine Anfrage die API und keinen Scope nennt
console-words = In den Worten der Zustimmungsseite
console-words-lead = Eine Sprache ohne Worte bleibt leer. Englisch ist nötig.
console-words-invalid = Ein Text ist leer, oder Englisch fehlt. Jede Sprache braucht beide Texte.
console-audience-invalid = Die Audience ist eine absolute URI ohne Fragment, und nicht die dieses Servers.
console-save = Speichern
console-finding-missing = Keine Worte in dieser Sprache.
console-finding-no-consequence = Die Folge fehlt.
console-finding-long-sentence = Der Satz hat { $count } Zeichen. Kürzen Sie ihn.
console-finding-long-consequence = Die Folge hat { $count } Zeichen. Kürzen Sie sie.
console-finding-no-verb = Der Satz sagt nicht, was die App tut. Enden Sie mit dem Verb.
console-finding-reading-age = Die Folge versteht man erst mit { $count } Jahren. Nehmen Sie kürzere Wörter.
console-finding-many-words = Ein Satz der Folge hat { $count } Wörter. Teilen Sie ihn.
console-finding-nothing-new = Die Folge sagt nicht mehr als der Satz.
console-finding-others = Das Risiko ist hoch, aber die Folge sagt nicht, was andere bemerken oder dass es endgültig ist.
console-finding-untranslated = Die Worte sind die von { $language }. Übersetzen Sie sie.
console-finding-out-of-step = Die Folge hat mehr oder weniger Sätze als in der ersten Sprache.
console-scopes-taken =
    { $grants ->
        [0] Keine Freigabe verliert einen Scope.
        [one] { $grants } Freigabe verliert einen Scope.
       *[other] { $grants } Freigaben verlieren einen Scope.
    }
console-scopes-taken-many = Mehr als { $number } Freigaben verlieren einen Scope.
console-scope-delete = Scope löschen
console-scope-delete-heading = Den Scope { $name } löschen?
console-scope-delete-effect = Er verschwindet aus den Registrierungen aller Apps. Ein Scope mit demselben Namen ist ein anderer, und es wird neu gefragt. Das lässt sich nicht rückgängig machen.
console-resource-delete = API löschen
console-resource-delete-heading = { $name } löschen?
console-resource-delete-effect = Ihre Scopes werden mit ihr gelöscht, auch in den Registrierungen aller Apps. Ihr Geheimnis endet. Das lässt sich nicht rückgängig machen.
console-resource-rotate-heading = Neues Geheimnis für { $name } erzeugen?
console-resource-rotate-effect = Das neue Geheimnis wird einmal gezeigt. Das vorige endet sofort, und die API kann Token erst wieder prüfen lassen, wenn sie das neue hat.
console-group-edit = Umbenennen oder verschieben
console-edit-lead = Die nächste Seite sagt, was sich damit ändert.
console-continue = Weiter
console-group-edit-heading = { $group } ändern?
console-group-rename-effect = Die Gruppe heißt ab jetzt { $after }. Apps, die sie im Claim groups als { $before } kennen, erkennen sie in neuen Token nicht.
console-group-rename-kept = Was ihr offensteht, bleibt ihr offen. Konfigurationsdateien müssen den neuen Namen benutzen.
console-group-moves-out = Ihre Mitglieder sind durch diese Gruppe nicht mehr in { $group }.
console-group-moves-in = Ihre Mitglieder sind ab jetzt auch in { $group }.
console-group-becomes-administrators = Ihre Mitglieder werden Administratoren. Sie können hier jede App, jedes Konto, jede Gruppe und jeden Schlüssel ändern und andere zu Administratoren machen.
console-group-were-administrators = Ihre Mitglieder sind durch diese Gruppe keine Administratoren mehr.
console-group-add-heading-one = { $username } zu { $group } hinzufügen?
console-group-add-effect = Was dieser Gruppe offensteht, steht der Person offen.
console-administrator-effect = Die Person wird Administrator und kann hier jede App, jedes Konto, jede Gruppe und jeden Schlüssel ändern, das Audit-Protokoll lesen und andere zu Administratoren machen.
console-administrator-factor = Diese Konsole öffnet sich ihr nur mit einem zweiten Faktor.
console-group-unknown = Es gibt keine Gruppe mit einem dieser Namen. Trennen Sie Namen durch Kommas.
console-resource-edit = Namen und Token
console-resource-name-in = Name auf { $language }
console-token-typ = Typ der Zugriffstoken
console-token-groups = Gruppen in Zugriffstoken
console-token-lifetime = Lebensdauer der Zugriffstoken in Sekunden
console-token-lifetime-invalid = Ein Token lebt 1 bis 86400 Sekunden.
console-token-default = wie der Server
console-resource-edit-heading = { $name } ändern?
console-resource-audience-effect = Token werden ab jetzt für { $after } ausgestellt. Die für { $before } werden nicht erneuert, und Apps müssen die neue Audience anfordern.
console-resource-names-effect = Benutzer lesen den neuen Namen, wenn eine App sie fragt.
console-resource-tokens-effect = Neue Zugriffstoken haben dieses Format: { $format }. Die API muss es annehmen.
console-scopes-held =
    { $grants ->
        [0] Keine Freigabe hat ihre Scopes.
        [one] { $grants } Freigabe hat ihre Scopes.
       *[other] { $grants } Freigaben haben ihre Scopes.
    }
console-scopes-held-many = Mehr als { $number } Freigaben haben ihre Scopes.
console-scope-groups-lead = Namen von Gruppen, durch Kommas getrennt. Ohne Namen alle Benutzer. Wer in keiner der Gruppen ist, erhält keine weiteren Token damit.
console-scope-mfa = Nur wer sich mit einem zweiten Faktor angemeldet hat, erhält ihn
