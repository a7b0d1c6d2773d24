passkeys-heading = Passkeys
passkeys-what = With a passkey you sign in with your fingerprint, your face or the PIN of your device, without a password. A page that only looks like this site cannot use it.
passkeys-none = You have no passkey yet.
passkeys-synced = On all devices that share it
passkeys-bound = On one device only
passkeys-added = Added on { $date }
passkeys-last-used = Last used on { $date }
passkeys-never-used = Not used yet
passkeys-name = Name
passkeys-rename = Rename
passkeys-save = Save
passkeys-remove = Remove
passkeys-remove-one = Remove the passkey { $name }
passkeys-removed = The passkey is removed from your account. Delete it on your device as well.
passkeys-name-wrong = Please choose a name of 1 to 100 characters.
passkeys-last-way = Without this passkey you could not sign in any more. Choose a password or add another passkey first.
passkeys-unnamed = Passkey

passkey-new-heading = Add a passkey
passkey-new-what = Your device asks for your fingerprint, your face or its PIN. None of these leaves the device.
passkey-offer = A passkey is faster than your password, and a page that only looks like this site cannot use it. You can also add one later in your account.
passkey-offer-later = Not now
passkey-new-submit = Create the passkey
passkey-new-back = Back to your passkeys
passkey-new-unable = This browser cannot create a passkey here. Try another browser or device.
passkey-new-cancelled = No passkey was created. Maybe you stopped, it took too long, or this device has no screen lock.
passkey-new-known = This device has a passkey for an account here already.
passkey-new-refused = This passkey cannot be used here. Your device has to check that it is you, so set up a screen lock or PIN and try again.
passkey-new-too-many = You have very many passkeys. Remove one that you do not use first.

passkey-sign-in = Sign in with a passkey
passkey-heading = Use your passkey
passkey-use = Use a passkey
passkey-cancelled = No passkey was used. Maybe you stopped, it took too long, or there is none for this site on this device.
passkey-origin = Passkeys do not work at this address. Please tell those who run this site.
passkey-unable = This browser cannot use a passkey here. Try another browser or device.
passkey-stale = This page was open for a while. Please try again.
passkey-refused = That passkey was not accepted. It may have been removed from your account.

confirm-passkey-why = Please use one of your passkeys before you go on.
factor-prove-consequence = Your account has two-step sign-in. Please enter a code before you go on.

login-problem-passkey = That passkey was not accepted
login-advice-passkey = It may have been removed from your account. Use another one, or your password.
login-advice-passkey-stale = Please use your passkey once more.

password-none = None
password-choose = Choose a password
password-remove = Remove the password
password-remove-consequence = You then sign in with your passkeys. Only a link to your e-mail address can set a password again.

event-password-removed = The password was removed
event-passkey-added = A passkey was added
event-passkey-removed = A passkey was removed
event-passkey-cloned = A passkey was refused, because there may be a copy of it. Remove the passkey and add another.
