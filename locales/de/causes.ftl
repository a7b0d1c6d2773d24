errors-heading = Was Fehler bedeuten
errors-lead = Jede Ablehnung dieses Servers hat eine Ursache mit einer festen Kennung. Das Protokoll des Servers und „writ client failures“ zeigen Betreibern, was erwartet wurde und was kam.
errors-all = Alle Ursachen
errors-search = Nach Kennung, Code oder Wörtern suchen
errors-search-submit = Suchen
errors-none = Keine Ursache enthält diese Wörter.

cause-invalid_request = Die Anfrage ist ungültig. Die Beschreibung sagt, warum.
cause-invalid_client = Der Client konnte nicht authentifiziert werden. Vergleichen Sie Verfahren und Zugangsdaten mit den registrierten.
cause-invalid_grant = Der Code oder Token ist ungültig, oder nicht für diesen Client. Beginnen Sie eine neue Autorisierung.
cause-unauthorized_client = Der Client ist für diese Anfrage nicht registriert. Registrieren Sie den Grant-Typ, oder nehmen Sie einen anderen.
cause-unsupported_grant_type = Dieser Grant-Typ wird nicht unterstützt. Die unterstützten stehen in den Metadaten unter grant_types_supported.
cause-unsupported_response_type = Unterstützt wird nur der Antworttyp code. Nehmen Sie den Authorization-Code-Ablauf mit PKCE.
cause-invalid_scope = Ein Scope ist unbekannt, falsch geschrieben oder für den Client nicht registriert. Alle stehen in den Metadaten unter scopes_supported.
cause-invalid_target = Die Ressource ist unbekannt, oder ihr gehören die Scopes nicht. Fordern Sie die Scopes eines Resource-Servers auf einmal an.
cause-access_denied = Der Benutzer oder der Server hat abgelehnt. Das ist eine normale Antwort: Zeigen Sie sie an, und lassen Sie den Benutzer es noch einmal versuchen.
cause-server_error = Der Server hatte einen Fehler. Näheres steht in seinem Protokoll. Versuchen Sie es später noch einmal.
cause-temporarily_unavailable = Der Server ist überlastet oder vorübergehend nicht erreichbar. Versuchen Sie es nach den Sekunden in Retry-After noch einmal.
cause-login_required = Mit prompt=none kann der Server keine Seite zeigen, und niemand ist angemeldet, die Anmeldung ist zu alt, oder ein anderer Benutzer ist angemeldet. Senden Sie die Anfrage ohne prompt=none.
cause-consent_required = Mit prompt=none kann der Server keine Seite zeigen, und der Benutzer hat noch nicht alles erlaubt. Senden Sie die Anfrage ohne prompt=none.
cause-unmet_authentication_requirements = Die Anfrage verlangt ein Anmeldeverfahren, das dieser Server nicht unterstützt. Die unterstützten stehen in den Metadaten unter acr_values_supported.
cause-invalid_request_object = Das Request-Objekt ist ungültig. Signieren Sie es mit einem registrierten Schlüssel, mit der client_id als iss und dem Issuer als aud, und prüfen Sie, ob es abgelaufen ist.
cause-invalid_request_uri = Die request_uri ist abgelaufen, wurde benutzt oder gehört einem anderen Client. Sie gilt eine Minute und für eine Antwort: Senden Sie die Anfrage unmittelbar vor der Weiterleitung.
cause-registration_not_supported = Der Parameter registration wird nicht unterstützt. Registrieren Sie den Client vorher.
cause-invalid_token = Der Access-Token stammt nicht von diesem Server, ist falsch aufgebaut oder gilt nicht für diesen Endpunkt. Holen Sie einen neuen.
cause-insufficient_scope = Dem Access-Token fehlt ein Scope. Fordern Sie den Scope aus der Challenge beim Benutzer an, und benutzen Sie dann den neuen Token.
cause-authorization_pending = Der Benutzer hat noch nicht entschieden. Fragen Sie in dem Abstand weiter, der mit dem Gerätecode kam.
cause-slow_down = Das Gerät fragt zu oft. Verlängern Sie den Abstand um fünf Sekunden.
cause-expired_token = Der Gerätecode ist abgelaufen. Fordern Sie einen neuen an, und zeigen Sie den neuen Benutzercode.
cause-invalid_authorization_details = Dieser Server unterstützt keine Typen von authorization_details. Benutzen Sie Scopes.
cause-invalid_redirect_uri = Eine Redirect-URI kann nicht registriert werden. Sie muss https, eine Loopback-Adresse oder ein eigenes Schema in umgekehrter Domain-Form sein, ohne Fragment und Platzhalter.
cause-invalid_client_metadata = Ein Element der Client-Metadaten ist falsch aufgebaut, wird nicht unterstützt oder widerspricht einem anderen. Die Beschreibung nennt es.
cause-unapproved_software_statement = Dieser Server nimmt keine Software-Statements an. Registrieren Sie ohne.
cause-unsupported_token_type = Diese Art von Token kann nicht widerrufen werden.

cause-parameter_missing = Ein nötiger Parameter fehlt oder ist leer. Die Beschreibung nennt ihn.
cause-parameter_repeated = Ein Parameter wurde mehrmals gesendet. Senden Sie jeden höchstens einmal, in der Query oder im Formular.
cause-parameters_malformed = Die Parameter können nicht dekodiert werden: ein Prozentzeichen ohne zwei Hexadezimalziffern, ungültiges UTF-8, ein Steuerzeichen oder zu viele Daten. Kodieren Sie sie mit einer Bibliothek.
cause-body_not_a_form = Der Inhalt muss ein Formular sein, application/x-www-form-urlencoded, und nicht zu lang. JSON wird hier nicht unterstützt.
cause-value_too_long = Der Wert ist zu lang zum Aufbewahren. Speichern Sie ihn in Ihrer App, und senden Sie einen kurzen Verweis.
cause-too_many_requests = Dieses Netz, oder alle Netze zusammen, haben zu viele Anfragen gesendet. Warten Sie die Sekunden in Retry-After.

cause-client_unknown = Kein Client hat diese client_id. Prüfen Sie, ob sie falsch geschrieben ist oder zu einer anderen Installation gehört.
cause-client_disabled = Der Client ist auf diesem Server gesperrt. Er bekommt keine Codes und keine Token, bis er freigegeben wird: writ client enable CLIENT_ID.
cause-redirect_uri_unregistered = Der Client hat diese redirect_uri nicht registriert. Sie wird als Zeichenkette verglichen: Schema, Host, Port, Pfad, Query und ein Schrägstrich am Ende müssen gleich sein. Eine native App darf nur den Port einer Loopback-Adresse ändern.
cause-response_mode_unsupported = Der Antwortmodus muss query oder form_post sein.
cause-grant_type_unregistered = Der Client hat diesen Grant-Typ nicht registriert. Fügen Sie ihn zu grant_types hinzu.
cause-code_challenge_missing = PKCE ist nötig: Senden Sie eine code_challenge und code_challenge_method=S256 (RFC 7636). Ein vertraulicher Client darf bei einer OpenID-Anfrage stattdessen eine nonce senden, wenn er nicht mit require_pkce registriert ist und der Betreiber tokens.require_pkce nicht gesetzt hat. Für Software, die beides nicht kann: writ client update CLIENT_ID --unbound.
cause-code_challenge_invalid = Die code_challenge muss der SHA-256-Hash des code_verifier in base64url ohne Auffüllung sein, 43 Zeichen, und code_challenge_method muss S256 sein. Das Verfahren plain wird nicht angenommen.
cause-nonce_missing = Ein Client, der PKCE weglassen darf, muss den Scope openid anfordern und eine nonce senden, oder eine code_challenge. Für Software, die beides nicht kann: writ client update CLIENT_ID --unbound.
cause-prompt_invalid = Der Parameter prompt ist eine Liste aus none, login, consent und select_account. Der Wert none muss allein stehen.
cause-max_age_invalid = Der Parameter max_age muss eine Zahl von Sekunden sein, nur Ziffern.
cause-display_invalid = Der Parameter display muss page, popup, touch oder wap sein.
cause-claims_invalid = Der Parameter claims muss ein JSON-Objekt nach OpenID Connect Core, Abschnitt 5.5, sein.
cause-authorization_details_invalid = Der Parameter authorization_details muss ein JSON-Array von Objekten mit je einem type sein (RFC 9396). Dieser Server unterstützt keine Typen: Benutzen Sie Scopes.
cause-authorization_details_unsupported = Dieser Server unterstützt keine Typen von authorization_details und übergeht nicht, was er nicht gewähren kann. Benutzen Sie Scopes.
cause-id_token_hint_invalid = Der id_token_hint ist kein ID-Token dieses Servers, oder sein Schlüssel wurde gelöscht. Ein abgelaufener ID-Token wird angenommen.
cause-id_token_hint_foreign = Der id_token_hint wurde für einen anderen Client ausgestellt. Senden Sie einen ID-Token dieses Clients.
cause-push_required = Dieser Client hat registriert, dass er seine Autorisierungsanfragen vorab sendet. Senden Sie die Parameter an den Endpunkt dafür, und dann nur client_id und request_uri mit dem Browser (RFC 9126).
cause-request_uri_pushed = Eine vorab gesendete Anfrage enthält ihre Parameter selbst: Lassen Sie request_uri weg.
cause-request_uri_unregistered = Der Client hat diese request_uri nicht registriert. Fügen Sie sie zu request_uris hinzu; das Fragment darf anders sein.
cause-request_uri_unreachable = Unter der request_uri lag kein Request-Objekt. Sie muss innerhalb von fünf Sekunden über https mit Status 200 antworten, ohne Weiterleitung, mit höchstens 64 KiB.
cause-metadata_document_unusable = Die client_id ist eine URL, unter der keine gültigen Client-Metadaten liegen: JSON mit derselben client_id, Status 200, keine Weiterleitung, kein Geheimnis. Die Beschreibung nennt die Regel.

cause-scope_missing = Die Anfrage hat keinen Scope, und weder der Client noch die genannte Ressource hat einen voreingestellten. Senden Sie den Parameter scope.
cause-scope_malformed = Scopes sind durch einzelne Leerzeichen getrennt. Ein Name hat keine Anführungszeichen, umgekehrten Schrägstriche oder Zeichen außerhalb von ASCII.
cause-scope_unknown = Kein Resource-Server hat diesen Scope. Alle stehen in den Metadaten unter scopes_supported.
cause-scope_unregistered = Den Scope gibt es, aber der Client ist nicht für ihn registriert. Fügen Sie ihn zum scope des Clients hinzu, oder fordern Sie ihn nicht an.
cause-scope_of_user = Der Scope betrifft einen Benutzer, aber der Client handelt für sich selbst. Nehmen Sie den Authorization-Code-Ablauf.
cause-scope_widened = Ein neuer Token kann nicht mehr erlauben als der, auf dem er beruht. Fordern Sie höchstens den gewährten Scope an, oder beginnen Sie eine neue Autorisierung.
cause-resource_unknown = Kein Resource-Server hat diese Audience. Senden Sie seine Kennung genau so, wie sie registriert ist.
cause-resource_ambiguous = Ein Token gilt für einen Resource-Server, aber die Scopes gehören einem anderen als resource nennt, oder mehreren. Fordern Sie sie getrennt an.
cause-resource_not_granted = Die Ressource wurde nicht gewährt. Ein Token für eine andere braucht eine andere Autorisierung.
cause-resource_missing = Mehrere APIs wurden gewährt. Ein Access-Token gilt für eine davon: Nennen Sie sie in der Token-Anfrage mit resource.
cause-group_required = Der Client oder ein Scope, den er braucht, ist nur für einige Gruppen offen, und der Benutzer ist in keiner davon. Zeigen Sie das dem Benutzer. Die Verwaltung kann ihn mit writ group add in eine Gruppe aufnehmen.
cause-group_left = Der Client ist nur für einige Gruppen offen, und der Benutzer ist in keiner davon oder nicht mehr. Löschen Sie das Token. Wird der Benutzer wieder in eine Gruppe aufgenommen, gilt das Refresh-Token wieder.
cause-acr_demanded = Der Client oder eine Gruppe des Benutzers verlangt eine stärkere Anmeldung (acr) als die, mit der der Benutzer den Client erlaubt hat. Löschen Sie das Token und beginnen Sie eine Autorisierungsanfrage: Der Benutzer wird nach dem zweiten Faktor gefragt.

cause-client_authentication_failed = Der Client konnte nicht authentifiziert werden. Vergleichen Sie client_id, Verfahren und Geheimnis oder Schlüssel mit der Registrierung. Mehr sagt die Antwort nicht, damit sie nicht verrät, welche Clients es gibt. Das Protokoll des Servers sagt es.
cause-client_not_found = Kein Client hat diese client_id. Die Antwort sagt das nicht, das Protokoll schon.
cause-client_auth_method_wrong = Der Client hat sich anders authentifiziert als mit der registrierten token_endpoint_auth_method. Manche Bibliotheken wählen selbst: Stellen Sie sie ein.
cause-client_secret_wrong = Das Geheimnis gehört nicht dem Client. Nach einem Wechsel gilt das vorige bis zum nächsten. In einem Basic-Header werden beide Teile zuerst als Formular kodiert.
cause-public_client_refused = Nur authentifizierte Aufrufer dürfen Token prüfen. Benutzen Sie die Zugangsdaten des Resource-Servers.
cause-client_assertion_untrusted = Die Client-Assertion wurde nicht mit einem registrierten Schlüssel des Clients signiert, oder ihr Typ oder Algorithmus ist nicht erlaubt.
cause-client_assertion_invalid = Die Client-Assertion bricht eine Regel: iss und sub sind die client_id, aud ist der Issuer, sie läuft innerhalb einer Stunde ab, und ihre jti ist neu. Die Beschreibung nennt die Regel.
cause-client_keys_unreachable = Unter der jwks_uri des Clients lag kein Schlüsselsatz. Sie muss innerhalb von fünf Sekunden über https mit Status 200 antworten, ohne Weiterleitung, mit höchstens 64 KiB.
cause-client_unnamed = Die Anfrage nennt ihren Client nicht. Senden Sie einen Basic-Header, eine Client-Assertion oder client_id.
cause-authorization_header_malformed = Der Authorization-Header ist falsch aufgebaut. Er muss Basic sein, dann client_id und Geheimnis, beide als Formular kodiert, mit einem Doppelpunkt verbunden, in base64.
cause-several_auth_methods = Die Anfrage hat mehr als ein Authentifizierungsverfahren. Benutzen Sie eines.
cause-client_id_contradicted = Die client_id im Formular ist eine andere als in den Zugangsdaten. Lassen Sie sie weg, oder senden Sie dieselbe.

cause-code_invalid = Dieser Client kann den Code nicht einlösen. Senden Sie ihn unverändert an den Server, der ihn ausgestellt hat, mit dem Client, der ihn angefordert hat.
cause-code_foreign = Der Code wurde für einen anderen Client ausgestellt. Die Antwort sagt das nicht, das Protokoll schon.
cause-code_revoked = Die Erlaubnis wurde zurückgenommen, bevor der Code eingelöst wurde, oder das Konto wurde gesperrt.
cause-code_expired = Der Code ist abgelaufen. Lösen Sie ihn sofort ein, ohne Warteschlangen, und prüfen Sie die Uhren.
cause-code_replayed = Der Code wurde schon eingelöst. Vielleicht wurde er kopiert, deshalb ist alles widerrufen, was aus ihm entstand. Wenn Ihre App Anfragen wiederholt, sorgen Sie dafür, dass sie diese nicht wiederholt.
cause-code_redirect_uri_mismatch = Die redirect_uri der Token-Anfrage ist eine andere als die der Autorisierungsanfrage. Senden Sie dieselbe Zeichenkette.
cause-code_verifier_mismatch = Der code_verifier passt nicht zur code_challenge. Bewahren Sie zu jeder Autorisierungsanfrage einen eigenen auf, und verwechseln Sie nicht die zweier Tabs.
cause-code_verifier_invalid = Der code_verifier fehlt, ist falsch aufgebaut, oder vorher kam keine code_challenge. Er hat 43 bis 128 Zeichen aus A-Z a-z 0-9 - . _ ~.

cause-refresh_token_invalid = Dieser Client kann den Refresh-Token nicht oder nicht mehr benutzen. Beginnen Sie eine neue Autorisierung.
cause-refresh_token_foreign = Der Refresh-Token wurde für einen anderen Client ausgestellt. Die Antwort sagt das nicht, das Protokoll schon.
cause-grant_ended = Die Erlaubnis ist zu Ende: Sie war zu lange unbenutzt, sie hat ihr Ende erreicht, der Benutzer hat sie zurückgenommen, oder das Konto wurde gesperrt.
cause-session_ended = Die Sitzung, an die diese Erlaubnis gebunden war, ist zu Ende: Der Benutzer hat sich abgemeldet, oder sie ist abgelaufen. Beginnen Sie eine neue Autorisierung, oder fordern Sie offline_access an, wenn die App arbeiten soll, während der Benutzer nicht da ist.
cause-refresh_token_replayed = Der Refresh-Token wurde ersetzt, und sein Nachfolger wurde benutzt. Zwei Seiten haben ihn, deshalb ist die Erlaubnis widerrufen. Speichern Sie den neuen Refresh-Token, bevor Sie den neuen Access-Token benutzen, und erneuern Sie nur an einer Stelle zugleich.
cause-token_foreign = Der Token wurde für einen anderen Client ausgestellt. Nur dieser kann ihn widerrufen.
cause-device_code_invalid = Dieser Client kann den Gerätecode nicht einlösen, oder er wurde schon eingelöst.
cause-subject_token_invalid = Der subject_token ist nicht gültig oder kein Token der genannten Art von diesem Server: Er ist abgelaufen, wurde widerrufen, für einen anderen Client ausgestellt oder ist eine andere Art von Token.
cause-token_type_unsupported = Nur Access-Token können getauscht werden, gegen Access-Token. Handelnder ist der authentifizierte Client, daher gibt es keinen actor_token.
cause-delegation_not_allowed = Der Client, dem der subject_token gehört, nennt diesen Client nicht in may_act, oder die Kette der Handelnden ist zu lang.
cause-assertion_untrusted = Die Assertion ist keine Identity Assertion (ID-JAG), die ein vertrauter Identitätsanbieter signiert hat. Der Betreiber führt diese unter identity_assertions.trusted_issuers auf.
cause-assertion_invalid = Ein Claim der Assertion fehlt oder ist falsch, oder die Assertion wurde schon benutzt. Die error_description nennt den Grund. Fordern Sie beim Identitätsanbieter eine neue an.
cause-assertion_subject_unknown = Das Subject der Assertion ist kein aktiver Benutzer dieses Servers. Ein Administrator kann den Benutzer mit writ user link verknüpfen.
cause-assertion_not_allowed = Kein Administrator hat diesem Client erlaubt, Identity Assertions für diese Audience anzufordern. Der Betreiber führt Clients unter identity_assertions.allowed auf.

cause-access_token_expired = Der Access-Token ist abgelaufen. Erneuern Sie ihn.
cause-access_token_revoked = Der Access-Token oder seine Erlaubnis wurde widerrufen. Versuchen Sie, ihn zu erneuern; wenn das nicht geht, beginnen Sie eine neue Autorisierung.

cause-scope_administrative = Scopes der Administrations-API haben nur Clients, die ein Betreiber auf der Kommandozeile registriert hat, und keine Benutzer. Ihre Token lassen sich nicht tauschen, und kein Client kann einen administrierenden Client anlegen oder ändern.
cause-object_unknown = Nichts hat diese Kennung, oder der Pfad ist keine Operation. Vielleicht wurde es gelöscht.
cause-method_not_allowed = Keine Operation auf diesem Pfad hat diese Methode. Der Header Allow nennt die Methoden, die er hat.
cause-object_exists = Diese Kennung ist schon vergeben. Wählen Sie eine andere, oder ändern Sie das Vorhandene.
cause-object_in_use = Benutzer verlören etwas, das in Gebrauch ist. Die Beschreibung nennt die Zahl. Wiederholen Sie die Anfrage mit force=true, um es trotzdem zu tun.
cause-key_too_recent = Der nächste Signaturschlüssel wurde erst vor Kurzem veröffentlicht oder existiert noch nicht: Resource-Server kennen ihn vielleicht nicht. Warten Sie die Sekunden in der Beschreibung ab, oder senden Sie at_once, wenn ein Schlüssel bekannt geworden ist.
cause-precondition_missing = Eine Änderung braucht den Header If-Match mit dem ETag der gelesenen Fassung (RFC 6585), damit zwei Administratoren einander nicht überschreiben.
cause-precondition_failed = Seit der Fassung in If-Match wurde es geändert oder gelöscht. Lesen Sie es noch einmal, und entscheiden Sie neu.
cause-idempotency_key_invalid = Der Header Idempotency-Key ist eine Zeichenkette von höchstens 255 Zeichen, etwa eine UUID, mit oder ohne Anführungszeichen.
cause-idempotency_key_reused = Der Client hat diesen Idempotency-Key innerhalb eines Tages für eine andere Anfrage benutzt. Nichts wurde geändert. Wählen Sie für jede Änderung einen neuen Schlüssel, und behalten Sie ihn nur, um diese Änderung zu wiederholen.
cause-idempotency_key_busy = Im selben Augenblick gab es eine Anfrage mit diesem Idempotency-Key, und nur eine von ihnen ändert etwas. Wiederholen Sie die Anfrage, um deren Antwort zu erhalten.
cause-body_invalid = Der Body muss ein JSON-Objekt sein, das nur die Member der Operation hat, mit höchstens 16 KiB. Die Beschreibung sagt, was nicht stimmt.
cause-query_invalid = Die Operation kennt einen Parameter der Query nicht, oder sein Wert ist ungültig. Die Beschreibung nennt ihn.

cause-post_logout_redirect_uri_unregistered = Der Client hat diese post_logout_redirect_uri nicht registriert. Sie wird als Zeichenkette verglichen.
