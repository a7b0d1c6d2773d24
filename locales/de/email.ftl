email-change = Ändern
email-is-confirmed = Bestätigt
email-is-unconfirmed = Noch nicht bestätigt. Bis dahin öffnet sie nichts, und keine App erhält sie.
email-none = Noch keine Adresse.
email-sent = Eine E-Mail an { $address } ist unterwegs. Folgen Sie ihrem Link, in einem beliebigen Browser, oder geben Sie hier ihre sechs Ziffern ein.
email-digits = Sechs Ziffern aus der E-Mail
email-digits-wrong = Das sind nicht die Ziffern der letzten E-Mail, oder sie sind abgelaufen.
email-confirm-submit = Adresse bestätigen
email-send-again = E-Mail noch einmal senden
email-new = Neue Adresse
email-rule = Sie erhalten dort eine E-Mail. Bis Sie bestätigen, bleibt alles, wie es ist.
email-send = E-Mail senden
email-unavailable = Dieser Server sendet keine E-Mails, deshalb lässt sich die Adresse hier nicht ändern.
email-confirm-heading = Diese Adresse bestätigen?
email-confirm-text = Das Konto { $username } erhält die Adresse { $address }.
email-confirm-ignore = Wenn das nicht Ihr Konto ist, schließen Sie diese Seite. Die Adresse wird dann nicht verwendet.
email-confirmed-heading = Die Adresse ist bestätigt
email-confirmed = { $address } gehört jetzt zum Konto.
email-void = Er gilt einen Tag lang, und nicht mehr, nachdem die Adresse oder das Passwort geändert wurde.

take-back-heading = Waren Sie es nicht?
take-back-consequence = Sie werden überall abgemeldet, das Passwort gilt nicht mehr, und Sie wählen ein neues. Bis dahin meldet kein Passkey an. Passkeys der letzten drei Tage werden entfernt.
take-back-address = Die Adresse { $address } gehört dann wieder zum Konto.
take-back-submit = Ich war es nicht
take-back-void = Er gilt einmal und drei Tage lang. Ein neues Passwort können Sie weiterhin anfordern.

event-email-confirmed = Eine E-Mail-Adresse wurde bestätigt
event-account-taken-back = Das Konto wurde mit einem Link aus einer E-Mail zurückgeholt
