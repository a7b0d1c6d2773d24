# Die Texte der E-Mails.

mail-test-subject = Test-E-Mail von { $product }
mail-test-text = Der Versand von E-Mails funktioniert. Sie müssen nichts tun.

mail-recovery-subject = Neues Passwort für { $product } wählen
mail-recovery-text = Jemand hat ein neues Passwort für das Konto { $username } angefordert. Wenn Sie es waren, folgen Sie diesem Link.
mail-recovery-action = Neues Passwort wählen
mail-recovery-ignore = Wenn Sie es nicht waren, müssen Sie nichts tun. Ihr Passwort bleibt, wie es ist.
mail-link-ends = Der Link gilt einmal und { $duration } lang.

mail-verification-subject = E-Mail-Adresse für { $product } bestätigen
mail-verification-text = Diese Adresse wurde für das Konto { $username } eingegeben. Wenn Sie es waren, folgen Sie diesem Link.
mail-verification-digits = Oder geben Sie diese sechs Ziffern ein, wo Sie danach gefragt werden: { $digits }
mail-verification-action = Adresse bestätigen
mail-verification-ignore = Wenn Sie es nicht waren, müssen Sie nichts tun. Die Adresse wird dann nicht verwendet.

mail-taken-subject = Ihre E-Mail-Adresse bei { $product }
mail-taken-text = Jemand hat diese Adresse für ein anderes Konto eingegeben. Sie bleibt bei Ihrem Konto { $username }. Sie müssen nichts tun.

notice-email-changed-subject = Ihre E-Mail-Adresse für { $product } wurde geändert
notice-email-changed = Das Konto { $username } hat seit { $moment } eine andere E-Mail-Adresse. Geändert wurde sie von { $network } aus.
notice-not-me = Wenn Sie es nicht waren, folgen Sie diesem Link. Sie werden überall abgemeldet, das Passwort gilt nicht mehr, und Sie wählen ein neues.
notice-action = Ich war es nicht
notice-ignore = Wenn Sie es waren, müssen Sie nichts tun.

notice-password-subject = Ihr Passwort für { $product } wurde geändert
notice-password = Das Passwort des Kontos { $username } wurde geändert: { $moment }, von { $network } aus.
notice-password-removed-subject = Ihr Passwort für { $product } wurde entfernt
notice-password-removed = Das Konto { $username } hat kein Passwort mehr: { $moment }, von { $network } aus.
notice-factor-set-up-subject = Die Anmeldung in zwei Schritten für { $product } wurde eingeschaltet
notice-factor-set-up = Die Anmeldung in zwei Schritten für das Konto { $username } wurde eingeschaltet: { $moment }, von { $network } aus.
notice-factor-removed-subject = Die Anmeldung in zwei Schritten für { $product } wurde ausgeschaltet
notice-factor-removed = Die Anmeldung in zwei Schritten für das Konto { $username } wurde ausgeschaltet: { $moment }, von { $network } aus.
notice-passkey-added-subject = Ein Passkey für { $product } wurde hinzugefügt
notice-passkey-added = Zum Konto { $username } wurde ein Passkey hinzugefügt, mit dem man sich anmelden kann: { $moment }, von { $network } aus.
notice-passkey-removed-subject = Ein Passkey für { $product } wurde entfernt
notice-passkey-removed = Ein Passkey des Kontos { $username } wurde entfernt: { $moment }, von { $network } aus.
notice-new-browser-subject = Neue Anmeldung bei { $product }
notice-new-browser = Das Konto { $username } wurde mit einem neuen Browser geöffnet: { $moment }, von { $network } aus.

mail-sign-up-subject = Ihr Konto bei { $product } anlegen
mail-sign-up-text = Diese Adresse wurde für ein neues Konto eingegeben. Wenn Sie es waren, folgen Sie diesem Link und geben Sie das Passwort ein, das Sie gewählt haben, oder verwenden Sie Ihren Passkey.
mail-sign-up-ignore = Wenn Sie es nicht waren, müssen Sie nichts tun. Es wird dann kein Konto angelegt.
mail-sign-up-taken-text = Jemand hat diese Adresse für ein neues Konto eingegeben. Sie haben damit schon ein Konto: { $username }. Wenn Sie es waren, melden Sie sich an, oder fordern Sie dort ein neues Passwort an.
mail-invitation-subject = Ihre Einladung zu { $product }
mail-invitation-text = Sie sind eingeladen, ein Konto anzulegen. Sie wählen einen Namen und ein Passwort.
