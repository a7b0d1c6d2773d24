consent-heading = { $app } asks for access
consent-lead = You decide what it may do. Untick anything you would rather keep to yourself.
consent-lead-difference = You have decided about this app before. Here is what changes, and what stays as it is.
consent-app = App
consent-app-website = Website
consent-verified = Approved by your administrator
consent-unverified = Registered itself, not verified
consent-described-at = An app of { $host }, not verified
consent-first-seen = First seen here on { $date }
consent-leads-to = Sends you to
consent-on-this-computer = A program on this computer
consent-account = Your account
consent-another-account = Use another account
consent-group = With { $server }, this app wants to
consent-required = The app cannot work without this.
consent-cannot = It will not be able to
consent-cannot-rest = Do anything you leave unticked, or anything not listed above
consent-duration = For how long?
consent-duration-once = This time only
consent-duration-30-days = 30 days
consent-duration-until-revoked = Until I take it back
consent-duration-all = This also counts for what you allowed this app before.
consent-approve = Allow
consent-deny = Deny
consent-change-later = Whatever you choose, you can change it later under connected apps.

risk-low = Low risk
risk-moderate = Medium risk
risk-elevated = Fairly high risk
risk-high = High risk

scope-new = New
scope-already-allowed = Already allowed
scope-declined-before = You declined this last time

scope-openid = Recognise you
scope-openid-consequence = The app learns that you are the same person each time you sign in.
scope-profile = See your profile
scope-profile-consequence = Your name, picture, gender, birthday, language and similar details, as far as you have filled them in.
scope-email = See your e-mail address
scope-email-consequence = The app can write to you, and learns whether the address is confirmed.
scope-address = See your postal address
scope-address-consequence = The app learns where you receive your mail.
scope-phone = See your phone number
scope-phone-consequence = The app can call you, and learns whether the number is confirmed.
scope-offline-access = Keep this access while you are away
scope-offline-access-consequence = The app can go on using what you allow here when you are not using it.

denied-heading = Nothing was shared with { $app }
denied-advice = You can close this page. If you go back, the app learns that you said no, and nothing else.
denied-still-allowed = What you allowed it earlier still holds. You can take it back here:
denied-back = Go back to { $app }

navigate-allowed = You allowed { $app } to go on
navigate-signed-in = You are signed in
navigate-taking-you = Taking you to { $host }.
navigate-continue = Go there now
form-post-heading = Going back to { $app }
