console-keys = Schlüssel
console-keys-lead = Sie signieren Token. APIs holen die veröffentlichten und dürfen sie 15 Minuten behalten.
console-action = Änderung
console-key-alg = Algorithmus
console-key-state = Zustand
console-key-since = Seit
console-key-due-column = Fällig
console-key-id = Schlüssel-ID
console-key-next = nächster, veröffentlicht
console-key-active = signiert
console-key-retired = abgelöst, veröffentlicht
console-key-archived = archiviert
console-key-rotation = Wechsel
console-key-rotation-lead = Der nächste Schlüssel beginnt zu signieren. Der vorige bleibt veröffentlicht, bis alles abgelaufen ist, was er signiert hat.
console-key-rotate = Wechseln
console-key-rotate-one = { $alg } wechseln
console-key-waits = Der nächste Schlüssel ist erst kurz veröffentlicht. Er kann ab { $moment } signieren.
console-key-rotate-heading = Den Schlüssel von { $alg } wechseln?
console-key-rotate-effect = Neue Token werden mit dem nächsten Schlüssel signiert, und ein weiterer wird veröffentlicht. Kein Token endet.
console-key-too-early = Es gibt noch keinen nächsten Schlüssel, oder APIs kennen ihn noch nicht. Warten Sie eine Viertelstunde.
console-key-revoke = Widerrufen
console-key-revoke-one = Den Schlüssel { $kid } widerrufen
console-key-revoke-heading = Diesen Schlüssel von { $alg } widerrufen?
console-key-revoke-effect = Alles, was er signiert hat, wird sofort abgelehnt, hier und von APIs, die die Schlüssel neu holen: Zugriffstoken und ID-Token. Das lässt sich nicht rückgängig machen.
console-key-revoke-grants =
    { $count ->
        [0] Keine App hat eine Freigabe. Sitzungen und Refresh-Token blieben.
        [one] Eine App mit { $count } Freigabe holt ein neues Zugriffstoken. Sitzungen und Refresh-Token bleiben.
       *[other] Apps mit { $count } Freigaben holen neue Zugriffstoken. Sitzungen und Refresh-Token bleiben.
    }
console-key-revoke-many = Apps mit mehr als { $number } Freigaben holen neue Zugriffstoken. Sitzungen und Refresh-Token bleiben.
console-key-revoke-next = Er hat nichts signiert. Ein neuer nächster Schlüssel wird veröffentlicht.
console-key-revoke-archived = Er prüft nur ID-Token, die Apps bei der Abmeldung senden. Sie werden nicht mehr erkannt.
console-key-revoke-warning = Der nächste Schlüssel signiert sofort. APIs, die ihn noch nicht geholt haben, lehnen neue Token bis zu 15 Minuten ab. Tun Sie das nur, wenn der Schlüssel bekannt wurde.

console-mail = E-Mail
console-mail-off = Dieser Server sendet keine E-Mails: mail.url ist nicht gesetzt.
console-mail-none = Es gibt keine E-Mails.
console-mail-recipient = Adresse
console-mail-kind = Zweck
console-mail-state = Zustand
console-mail-queued-at = Eingereiht
console-mail-outcome = Letzte Antwort
console-mail-queued = wartet
console-mail-delivered = zugestellt
console-mail-expired = abgelaufen
console-mail-dead = aufgegeben
console-mail-next = Nächster Versuch: { $moment }
console-mail-attempts =
    { $count ->
        [one] { $count } Versuch
       *[other] { $count } Versuche
    }
console-mail-show-dead = Aufgegebene zeigen
console-mail-show-all = Alle zeigen
console-mail-retry = Noch einmal
console-mail-retry-one = Noch einmal an { $address } senden
console-mail-retry-all = Alle noch einmal
console-mail-retry-heading = Diese E-Mail noch einmal senden?
console-mail-retry-effect = Sie ist sofort fällig, und die Versuche werden von vorn gezählt.
console-mail-retry-all-heading = Alle nicht zugestellten E-Mails noch einmal senden?
console-mail-retry-all-effect = Alle E-Mails, die nicht zugestellt und nicht abgelaufen sind, sind sofort fällig.

console-audit = Protokoll
console-audit-lead = Alle Änderungen der Verwaltung, die letzten zuerst.
console-audit-actor = Geändert von
console-audit-kind = Art
console-audit-all = Alle
console-audit-target = Geändert wurde
console-audit-face = Wie
console-audit-reason = Grund
console-audit-entry = Eintrag { $number }
console-audit-noted = Anderswo zu notieren
console-audit-noted-lead = „writ audit verify --noted“ findet mit diesem Wert heraus, ob ein früherer Stand des Protokolls zurückgelegt wurde.
console-audit-members = Geänderte Werte
console-audit-before = Vorher
console-audit-after = Nachher
console-audit-partial = Ältere Einträge wurden noch nicht durchsucht. Sie stehen auf der nächsten Seite.

console-settings = Einstellungen
console-settings-lead = So, wie dieser Server sie gelesen hat, ohne Passwörter. Geändert werden sie in der Konfigurationsdatei und der Umgebung.
console-settings-own = gesetzt
