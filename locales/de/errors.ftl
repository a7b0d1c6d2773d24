error-code = Code
error-description = Für die Entwickler der App
error-request-id = Kennung

interrupted-continue = Weiter
interrupted-expired = Diese Seite war zu lange offen
interrupted-expired-advice = Zu Ihrer Sicherheit gilt sie nicht mehr. Es wurde nichts weitergegeben, und nichts ist verloren: Machen Sie dort weiter, wo Sie waren.
interrupted-answered = Das ist schon entschieden
interrupted-answered-advice = Vielleicht in einem anderen Tab, oder Sie sind zu dieser Seite zurückgegangen. Nichts ist zweimal geschehen.
interrupted-cookie = Ihr Browser hat sein Cookie nicht mitgeschickt
interrupted-cookie-advice = Dieser Server erkennt Sie an einem Cookie, und das fehlte. Wenn Ihr Browser Cookies blockiert, erlauben Sie sie für diese Adresse und machen Sie dann weiter.
interrupted-gone = Diese Anfrage wartet nicht mehr
interrupted-over-advice = Sie ist abgelaufen oder wurde in einem anderen Tab beendet. Es wurde nichts weitergegeben, und nichts ist verloren: Machen Sie weiter, dann beginnt sie von vorn.
interrupted-gone-advice = Sie ist abgelaufen oder wurde beendet. Bitte öffnen Sie die App noch einmal und beginnen Sie dort.
interrupted-gone-advice-app = Sie ist abgelaufen oder wurde beendet. Bitte gehen Sie zu { $app } zurück und beginnen Sie dort.

error-request = Dieser Link funktioniert nicht
error-request-advice = Die App, die Sie hierher geschickt hat, fragt auf eine Weise, die dieser Server nicht beantworten kann. Es wurde nichts weitergegeben. Bitte sagen Sie es den Entwicklern der App.
error-fault = Bei uns ist etwas schiefgegangen
error-fault-advice = Es liegt nicht an Ihnen. Bitte versuchen Sie es gleich noch einmal; wenn es wieder geschieht, nennen Sie uns die Kennung unten.
error-not-found = Diese Seite gibt es nicht
error-not-found-advice = Vielleicht ist die Adresse falsch geschrieben, oder die Seite ist umgezogen.
error-busy = Zu viel auf einmal
error-busy-advice = Der Server hat gerade zu viel zu tun. Bitte versuchen Sie es in ein paar Sekunden noch einmal.
