# The texts of mails.

mail-test-subject = Test mail from { $product }
mail-test-text = Outgoing mail works. There is nothing for you to do.

mail-recovery-subject = Choose a new password for { $product }
mail-recovery-text = Someone asked for a new password for the account { $username }. If it was you, follow this link.
mail-recovery-action = Choose a new password
mail-recovery-ignore = If it was not you, do nothing. Your password stays as it is.
mail-link-ends = The link works once, for { $duration }.

mail-verification-subject = Confirm your e-mail address for { $product }
mail-verification-text = This address was entered for the account { $username }. If it was you, follow this link.
mail-verification-digits = Or enter these six digits where you are asked for them: { $digits }
mail-verification-action = Confirm the address
mail-verification-ignore = If it was not you, do nothing. The address is not used then.

mail-taken-subject = Your e-mail address at { $product }
mail-taken-text = Someone entered this address for another account. It stays with your account { $username }. There is nothing for you to do.

notice-email-changed-subject = Your e-mail address for { $product } was changed
notice-email-changed = The account { $username } has another e-mail address since { $moment }. It was changed from { $network }.
notice-not-me = If it was not you, follow this link. You are signed out everywhere, the password stops working, and you choose a new one.
notice-action = It was not me
notice-ignore = If it was you, there is nothing to do.

notice-password-subject = Your password for { $product } was changed
notice-password = The password of the account { $username } was changed on { $moment } from { $network }.
notice-password-removed-subject = Your password for { $product } was removed
notice-password-removed = The account { $username } has no password any more since { $moment }. It was removed from { $network }.
notice-factor-set-up-subject = Two-step sign-in was turned on for { $product }
notice-factor-set-up = Two-step sign-in of the account { $username } was turned on, on { $moment } from { $network }.
notice-factor-removed-subject = Two-step sign-in was turned off for { $product }
notice-factor-removed = Two-step sign-in of the account { $username } was turned off, on { $moment } from { $network }.
notice-passkey-added-subject = A passkey was added for { $product }
notice-passkey-added = A passkey that signs in was added to the account { $username }, on { $moment } from { $network }.
notice-passkey-removed-subject = A passkey was removed for { $product }
notice-passkey-removed = A passkey of the account { $username } was removed, on { $moment } from { $network }.
notice-new-browser-subject = New sign-in to { $product }
notice-new-browser = The account { $username } was opened with a browser that it did not know, on { $moment } from { $network }.

mail-sign-up-subject = Create your account at { $product }
mail-sign-up-text = This address was entered for a new account. If it was you, follow this link, and enter the password or use the passkey that you chose.
mail-sign-up-ignore = If it was not you, do nothing. No account is created then.
mail-sign-up-taken-text = Someone entered this address for a new account. You have an account with it already: { $username }. If it was you, sign in, or ask for a new password there.
mail-invitation-subject = Your invitation to { $product }
mail-invitation-text = You are invited to create an account. You choose a name and a password.
