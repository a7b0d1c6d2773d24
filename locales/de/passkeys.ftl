passkeys-heading = Passkeys
passkeys-what = Mit einem Passkey melden Sie sich ohne Passwort an: mit Fingerabdruck, Gesicht oder der PIN Ihres Geräts. Eine Seite, die nur so aussieht wie diese, kann ihn nicht benutzen.
passkeys-none = Sie haben noch keinen Passkey.
passkeys-synced = Auf allen Geräten, die ihn teilen
passkeys-bound = Nur auf einem Gerät
passkeys-added = Hinzugefügt am { $date }
passkeys-last-used = Zuletzt benutzt am { $date }
passkeys-never-used = Noch nicht benutzt
passkeys-name = Name
passkeys-rename = Umbenennen
passkeys-save = Speichern
passkeys-remove = Entfernen
passkeys-remove-one = Passkey { $name } entfernen
passkeys-removed = Der Passkey ist aus Ihrem Konto entfernt. Löschen Sie ihn auch auf Ihrem Gerät.
passkeys-name-wrong = Bitte wählen Sie einen Namen mit 1 bis 100 Zeichen.
passkeys-last-way = Ohne diesen Passkey könnten Sie sich nicht mehr anmelden. Wählen Sie zuerst ein Passwort, oder fügen Sie einen weiteren Passkey hinzu.
passkeys-unnamed = Passkey

passkey-new-heading = Passkey hinzufügen
passkey-new-what = Ihr Gerät fragt nach Fingerabdruck, Gesicht oder PIN. Nichts davon verlässt das Gerät.
passkey-offer = Ein Passkey ist schneller als Ihr Passwort, und eine Seite, die nur so aussieht wie diese, kann ihn nicht benutzen. Sie können ihn auch später in Ihrem Konto hinzufügen.
passkey-offer-later = Jetzt nicht
passkey-new-submit = Passkey erstellen
passkey-new-back = Zurück zu Ihren Passkeys
passkey-new-unable = Dieser Browser kann hier keinen Passkey erstellen. Versuchen Sie es mit einem anderen Browser oder Gerät.
passkey-new-cancelled = Es wurde kein Passkey erstellt. Vielleicht haben Sie abgebrochen, es hat zu lange gedauert, oder das Gerät hat keine Bildschirmsperre.
passkey-new-known = Dieses Gerät hat schon einen Passkey für ein Konto hier.
passkey-new-refused = Dieser Passkey kann hier nicht benutzt werden. Ihr Gerät muss prüfen, dass Sie es sind: Richten Sie eine Bildschirmsperre oder PIN ein, und versuchen Sie es noch einmal.
passkey-new-too-many = Sie haben sehr viele Passkeys. Entfernen Sie zuerst einen, den Sie nicht benutzen.

passkey-sign-in = Mit Passkey anmelden
passkey-heading = Passkey benutzen
passkey-use = Passkey benutzen
passkey-cancelled = Es wurde kein Passkey benutzt. Vielleicht haben Sie abgebrochen, es hat zu lange gedauert, oder auf diesem Gerät ist keiner für diese Seite.
passkey-origin = Unter dieser Adresse funktionieren Passkeys nicht. Bitte sagen Sie es denen, die diese Seite betreiben.
passkey-unable = Dieser Browser kann hier keinen Passkey benutzen. Versuchen Sie es mit einem anderen Browser oder Gerät.
passkey-stale = Diese Seite war eine Weile offen. Bitte versuchen Sie es noch einmal.
passkey-refused = Dieser Passkey wurde nicht angenommen. Vielleicht wurde er aus Ihrem Konto entfernt.

confirm-passkey-why = Bitte benutzen Sie einen Ihrer Passkeys, bevor es weitergeht.
factor-prove-consequence = Ihr Konto hat die Anmeldung in zwei Schritten. Bitte geben Sie einen Code ein, bevor es weitergeht.

login-problem-passkey = Dieser Passkey wurde nicht angenommen
login-advice-passkey = Vielleicht wurde er aus Ihrem Konto entfernt. Benutzen Sie einen anderen oder Ihr Passwort.
login-advice-passkey-stale = Bitte benutzen Sie Ihren Passkey noch einmal.

password-none = Keins
password-choose = Passwort wählen
password-remove = Passwort entfernen
password-remove-consequence = Sie melden sich dann mit Ihren Passkeys an. Nur ein Link an Ihre E-Mail-Adresse kann wieder ein Passwort setzen.

event-password-removed = Das Passwort wurde entfernt
event-passkey-added = Ein Passkey wurde hinzugefügt
event-passkey-removed = Ein Passkey wurde entfernt
event-passkey-cloned = Ein Passkey wurde abgelehnt, weil es eine Kopie davon geben kann. Entfernen Sie ihn, und fügen Sie einen anderen hinzu.
