email-change = Change
email-is-confirmed = Confirmed
email-is-unconfirmed = Not confirmed yet. Until then it opens nothing, and no app gets it.
email-none = No address yet.
email-sent = A mail is on its way to { $address }. Follow its link, in any browser, or enter its six digits here.
email-digits = Six digits from the mail
email-digits-wrong = Those are not the digits of the last mail, or they have expired.
email-confirm-submit = Confirm the address
email-send-again = Send the mail again
email-new = New address
email-rule = You get a mail there. Until you confirm it, everything stays as it is.
email-send = Send the mail
email-unavailable = This server sends no mail, so the address cannot be changed here.
email-confirm-heading = Confirm this address?
email-confirm-text = The account { $username } gets the address { $address }.
email-confirm-ignore = If that is not your account, close this page. The address is not used then.
email-confirmed-heading = The address is confirmed
email-confirmed = { $address } now belongs to the account.
email-void = It works for a day, and not after the address or the password was changed.

take-back-heading = Was it not you?
take-back-consequence = You are signed out everywhere, the password stops working, and you choose a new one. Until then no passkey signs in. Passkeys of the last three days are removed.
take-back-address = The address { $address } belongs to the account again.
take-back-submit = It was not me
take-back-void = It works once, for three days. You can still ask for a new password.

event-email-confirmed = An e-mail address was confirmed
event-account-taken-back = The account was taken back with a link from a mail
