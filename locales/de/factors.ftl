code-heading = Code eingeben
code-app = Code aus Ihrer Authenticator-App
code-recovery = Wiederherstellungscode
code-either = Code aus Ihrer Authenticator-App oder ein Wiederherstellungscode
code-trust = In diesem Browser 30 Tage lang nicht fragen
code-submit = Weiter
code-without = Ohne Code weiter zu der App, aus der Sie kommen
code-use-recovery = Wiederherstellungscode benutzen
code-use-app = Authenticator-App benutzen
code-wrong = Dieser Code ist falsch oder wurde schon benutzt. Eine Authenticator-App zeigt alle 30 Sekunden einen neuen.
code-stale = Diese Seite war eine Weile offen. Bitte geben Sie noch einmal einen Code ein.

factor-heading = Anmeldung in zwei Schritten
factor-see = Ansehen und ändern
factor-what = Nach dem Passwort geben Sie einen Code aus einer Authenticator-App auf Ihrem Telefon ein. Das Passwort allein öffnet dann nichts.
factor-set-up = Anmeldung in zwei Schritten einrichten
factor-app = Authenticator-App
factor-since = Seit { $date }
factor-remove = Ausschalten
factor-remove-heading = Anmeldung in zwei Schritten ausschalten?
factor-remove-consequence = Ihr Konto öffnet sich dann ohne Code. Ihre Wiederherstellungscodes gelten nicht mehr.
factor-keep = So lassen
factor-codes = Wiederherstellungscodes
factor-codes-left =
    { $count ->
        [0] Keiner mehr übrig
        [one] Noch einer
       *[other] Noch { $count }
    }
factor-new-codes = Neue Wiederherstellungscodes
factor-new-codes-consequence = Die bisherigen gelten dann nicht mehr.
factor-browsers = Vertraute Browser
factor-trusted =
    { $count ->
        [one] Ein Browser wird nicht nach einem Code gefragt
       *[other] { $count } Browser werden nicht nach einem Code gefragt
    }
factor-forget = Überall fragen

set-up-heading = Anmeldung in zwei Schritten einrichten
set-up-required = Damit es weitergeht, ist eine Anmeldung in zwei Schritten nötig.
set-up-scan = Scannen Sie dieses Bild mit einer Authenticator-App auf Ihrem Telefon.
set-up-picture = QR-Code mit dem Schlüssel, der darunter steht
set-up-key = Oder tippen Sie diesen Schlüssel in die Authenticator-App:
set-up-code = Die sechs Ziffern, die die Authenticator-App jetzt zeigt
set-up-submit = Einschalten
set-up-wrong = Die Authenticator-App zeigt inzwischen einen anderen Code, oder die Uhr Ihres Telefons geht falsch. Bitte geben Sie die Ziffern ein, die sie jetzt zeigt.

recovery-heading = Ihre Wiederherstellungscodes
recovery-set-up = Die Anmeldung in zwei Schritten ist eingeschaltet.
recovery-what = Ohne Ihr Telefon meldet jeder dieser Codes Sie einmal an. Drucken Sie sie aus oder schreiben Sie sie auf, und bewahren Sie sie getrennt vom Telefon auf. Sie werden nur jetzt gezeigt.
recovery-whose = { $product }, { $username }
recovery-kept = Ich habe sie aufbewahrt

event-code-wrong =
    { $count ->
        [one] Nach Ihrem Passwort wurde ein falscher Code eingegeben. Wenn Sie es nicht waren, ändern Sie Ihr Passwort.
       *[other] Nach Ihrem Passwort wurde { $count }-mal ein falscher Code eingegeben. Wenn Sie es nicht waren, ändern Sie Ihr Passwort.
    }
event-second-factor-set-up = Die Anmeldung in zwei Schritten wurde eingeschaltet
event-second-factor-removed = Die Anmeldung in zwei Schritten wurde ausgeschaltet
event-second-factor-reset = Die Verwaltung hat die Anmeldung in zwei Schritten ausgeschaltet
event-recovery-code-used = Ein Wiederherstellungscode wurde benutzt
event-recovery-codes-replaced = Neue Wiederherstellungscodes wurden erstellt
