consent-heading = { $app } asks for access
consent-heading-difference = { $app } asks for something new
consent-heading-nothing-new = { $app } asks again for what you allowed
consent-lead = Untick anything you would rather keep to yourself.
consent-lead-difference = What is new comes first. Whatever you untick is taken back.
consent-lead-nothing-new = Nothing is new. Whatever you untick is taken back.
consent-app-website = Website: { $host }
consent-app-privacy = { $app }’s privacy policy
consent-app-terms = { $app }’s terms of use
consent-contact = Contact: { $contact }
consent-verified = { $product } approved this app
consent-unverified = Not verified: registered by its own developer, not checked by { $product }
consent-described-at = Not verified: an app of { $host }, not checked by { $product }
consent-first-seen = Known to { $product } since { $date }
consent-organization = Owner: { $organization }
consent-organization-unverified = Says that it belongs to { $organization } (not checked)
consent-users =
    { $count ->
        [0] Nobody here uses it yet
        [one] One person here uses it
       *[other] { $number } people here use it
    }
consent-look-alike-heading = This may not be the app you think it is
consent-look-alike-users =
    { $count ->
        [one] This is not the { $name } that one person here uses ({ $host }).
       *[other] This is not the { $name } that { $number } people here use ({ $host }).
    }
consent-look-alike-host = This is not { $name } ({ $host }).
consent-look-alike = This is not { $name }.
consent-look-alike-leads = It leads to { $host }.
consent-look-alike-native = It is a program on this device.
consent-leads-to = Takes you to
consent-returns-to = Returns to
consent-native = A program on this device
consent-account = Your account
consent-another-account = Use another account
consent-group = With { $server }, it wants to
consent-required = Required: the app cannot work without this.
consent-required-offline = Always so for this app.
consent-required-reason = Required. { $app } says: “{ $reason }”
consent-meaning = Details
consent-cannot = It will not be able to
consent-cannot-entry = { $server }: { $scope }
consent-cannot-not-open = { $server }: { $scope } (not open to your account)
consent-cannot-acr = { $server }: { $scope } (needs a sign-in with a second factor)
consent-cannot-rest = Anything that this page does not list, or that you leave unticked
consent-cannot-unlisted = Anything that this page does not list
consent-cannot-more =
    { $count ->
        [one] One more thing
       *[other] { $count } more things
    }
consent-duration = For how long?
consent-duration-once = This time only
consent-duration-once-ends = for { $duration } at most
consent-duration-once-ends-or-sign-out = for { $duration } at most, or until you sign out
consent-duration-ends = until { $date }
consent-duration-idle-ends = or after { $duration } without use
consent-duration-idle-or-age-ends = or after { $duration } without use, { $max } at most
consent-duration-session-ends = and only while you are signed in
consent-duration-now = What you allowed before ends on { $date }. Your choice here replaces that.
consent-duration-now-open = What you allowed before holds until you take it back. Your choice here replaces that.
consent-away-optional = If “Keep this access after I sign out” is not ticked, the app’s access ends when you sign out of { $product }, after { $duration } at most.
consent-away-ends = The app’s access ends when you sign out of { $product }, after { $duration } at most.
consent-away-implicit = The app keeps this access after you sign out of { $product }.
consent-away-own = The app stays connected on this device after you sign out of { $product }. You can end that under “Where you are signed in”.
consent-deny-nothing = If you deny, { $app } gets nothing.
consent-deny-keeps = If you deny, { $app } keeps what you allowed on { $date }.
consent-duration-30-days = 30 days
consent-duration-until-revoked = Until I take it back
consent-approve = Allow
consent-deny = Deny
consent-change-later = You can change this or take it back at any time:

risk-low = Low risk
risk-moderate = Medium risk
risk-elevated = Fairly high risk
risk-high = High risk

scope-new = New
scope-already-allowed = Already allowed
scope-reworded = Already allowed, described in other words now
scope-changed = Has changed since you allowed it
scope-claims = The app also gets from your account: { $claims }
scope-previous-text = When you allowed it, it said:
scope-declined-before = You declined this last time

scope-openid = Recognise you
scope-openid-consequence = The app learns that you are the same person each time you sign in.
scope-profile = See your profile
scope-profile-consequence = Your name, picture, gender, birthday, language and similar details, as far as you have filled them in.
scope-email = See your e-mail address
scope-email-consequence = The app can send e-mail to you, and learns whether the address is confirmed.
scope-address = See your home address
scope-address-consequence = The app learns where you live or have things delivered.
scope-phone = See your phone number
scope-phone-consequence = The app can call you or send you text messages, and learns whether the number is confirmed.
scope-groups = See your groups
scope-groups-consequence = The app learns which groups and teams you belong to here, and may give you rights because of them.
scope-offline-access = Keep this access after I sign out
scope-offline-access-consequence = The app can use what you allow here while you are away or signed out.
scope-admin-clients-read = See the apps of this server
scope-admin-clients-write = Add, change and delete apps of this server
scope-admin-users-read = See the accounts of all users
scope-admin-users-write = Create, lock and delete accounts of users
scope-admin-groups-read = See groups and who is in them
scope-admin-groups-write = Change groups and who is in them
scope-admin-resources-read = See the APIs of this server
scope-admin-resources-write = Add, change and delete APIs of this server
scope-admin-keys-read = See the signing keys
scope-admin-keys-write = Replace the signing keys
scope-admin-registrations-read = See the tokens with which apps register
scope-admin-registrations-write = Create and delete tokens with which apps register
scope-admin-audit-read = Read the audit log
scope-admin-read-consequence = The app sees what you see as an administrator, also about others.
scope-admin-write-consequence = The app changes this for everyone, in your name. Others may lose access.

denied-heading = Nothing was shared with { $app }
denied-heading-again = Nothing new was shared with { $app }
denied-advice = You can close this page. If you go back, the app learns that you said no, and nothing else.
denied-still-allowed = { $app } keeps what you allowed on { $date }.
navigate-opening = Opening { $app } on this device.
denied-back = Go back to { $app }

not-open-heading = { $app } is not open to your account
not-open-lead = Only members of certain groups can use { $app }. You are signed in as { $username }, who is in none of them.
not-open-needs = { $app } needs the following, which only members of certain groups can allow. You are signed in as { $username }, who is in none of them.
not-open-contact = To get access, contact { $contact }.
not-open-ask = To get access, contact the administrator of { $product }.

navigate-allowed = You allowed { $app }
navigate-signed-in = You are signed in
navigate-taking-you = Taking you to { $host }.
navigate-continue = Go there now
form-post-heading = Going back to { $app }
