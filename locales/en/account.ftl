account-nav = Your account
account-heading = Your account
account-edit-profile = Edit profile
account-see-apps = See what you allowed
account-change-preferences = Change
account-save = Save
account-saved = Saved.

events-heading = What happened lately
events-none = Nothing yet.
event-signed-in = You signed in
event-password-wrong =
    { $count ->
        [one] A wrong password was typed
       *[other] A wrong password was typed { $count } times
    }
event-password-changed = The password was changed
event-profile-changed = The profile was edited
event-session-ended = One browser was signed out
event-other-sessions-ended = All other browsers were signed out
event-app-allowed = You let { $app } in
event-app-denied = You refused { $app }
event-scope-removed = You took something back from { $app }
event-app-disconnected = { $app } was disconnected
event-token-replayed = A key of { $app } was used twice, so its access was ended. Somebody may have copied it.
event-data-downloaded = Your data was downloaded

confirm-heading = Is it still you?
confirm-why = You signed in a while ago. Please enter your password again before you go on.
confirm-password = Current password
confirm-submit = Go on
confirm-wrong = That is not the password of this account.

password-label = Password
password-heading = Change password
password-new = New password
password-rule = At least { $count } characters. A few words in a row are easy to remember and hard to guess.
password-too-short = The new password is too short: it needs at least { $count } characters.
password-weak-own = The new password is easy to guess: your own name or address is in it.
password-weak-common = The new password is easy to guess: many people use it, or one much like it.
password-weak-word = The new password is easy to guess: it is hardly more than a word or a name.
password-weak-keyboard = The new password is easy to guess: its keys lie side by side.
password-weak-repeats = The new password is easy to guess: it repeats itself.
password-weak-sequence = The new password is easy to guess: it only goes on, as abc or 6543 do.
password-weak-date = The new password is easy to guess: it is hardly more than a date or a year.
password-weak-little = The new password is easy to guess: too little is in it. One or two words more would help.
password-sign-out-others = Sign out all other browsers

sessions-label = Browsers
sessions-heading = Where you are signed in
sessions-device = { $browser } on { $system }
sessions-device-unknown = Unknown browser
sessions-signed-in = Signed in on { $moment }
sessions-last-seen = Last used on { $moment }
sessions-this = This browser
sessions-end-one = Sign out: { $device }
sessions-end-others = Sign out all other browsers

preferences-heading = Language and time zone
preferences-zone = Time zone

profile-heading = Profile
profile-lead = Fill in only what you like. An app sees it only if you allow it to.
profile-name = Name
profile-given-name = Given name
profile-family-name = Family name
profile-nickname = Nickname
profile-email = E-mail address
profile-phone-number = Phone number
profile-website = Website
profile-birthdate = Birthday
claim-sub = Your number here
claim-preferred-username = Username
claim-updated-at = Last changed
profile-preview = What an app sees
profile-preview-lead = This, and nothing else, is what an app gets if you allow it to see your profile.
profile-too-long = A field has more than 200 characters, or one that cannot be shown.
profile-email-wrong = The e-mail address does not look like one.
profile-email-taken = This e-mail address belongs to another account.
profile-website-wrong = A website’s address begins with https:// or http://.
profile-birthdate-wrong = The birthday is not a day of the calendar.
profile-phone-wrong = A phone number is made of digits, spaces and + - ( ).

data-heading = Your data
data-download = Download my data
delete-link = Delete my account
delete-heading = Delete your account?
delete-consequence = Your profile, your sessions and every app’s access go with it, at once and for good.
delete-keep = Keep it
delete-submit = Delete for good
deleted-heading = Your account is gone
deleted-advice = Everything that belonged to it was deleted with it. You can close this page.

apps-heading = Connected apps
apps-lead = These apps may do something in your name. Take back what you no longer want.
apps-none = No app has access to your account.
apps-since = Connected since { $date }
apps-since-from = Connected since { $date }, last allowed from { $network }
apps-last-used = Last used on { $date }
apps-last-used-from = Last used on { $date } from { $network }
apps-last-used-by-server = Last used on { $date } by the app’s server at { $network }
apps-never-used = Not used yet
apps-ends = Ends on { $moment }
apps-ends-never = Until you take it back
apps-required = Needed by the app
apps-remove = Remove
apps-remove-one = Remove from { $app }: { $scope }
apps-open = Open { $app }
apps-disconnect = Disconnect
apps-disconnect-one = Disconnect { $app }
apps-receipt = Receipt for { $app }
apps-disconnected = { $app } is disconnected.
apps-removed = { $app } can no longer do this: { $scope }
apps-token-until = Services that ask this server know at once. One that does not ask may still accept a token issued earlier until { $moment }.
