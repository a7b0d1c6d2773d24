# Die Texte der E-Mails.

mail-test-subject = Test-E-Mail von { $product }
mail-test-text = Der Versand von E-Mails funktioniert. Sie müssen nichts tun.
