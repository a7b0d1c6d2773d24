# Die Texte der E-Mails.

mail-test-subject = Test-E-Mail von { $product }
mail-test-text = Der Versand von E-Mails funktioniert. Sie müssen nichts tun.

mail-recovery-subject = Neues Passwort für { $product } wählen
mail-recovery-text = Jemand hat ein neues Passwort für das Konto { $username } angefordert. Wenn Sie es waren, folgen Sie diesem Link.
mail-recovery-action = Neues Passwort wählen
mail-recovery-ignore = Wenn Sie es nicht waren, müssen Sie nichts tun. Ihr Passwort bleibt, wie es ist.
mail-link-ends = Der Link gilt einmal und { $duration } lang.
