# The texts of mails.

mail-test-subject = Test mail from { $product }
mail-test-text = Outgoing mail works. There is nothing for you to do.

mail-recovery-subject = Choose a new password for { $product }
mail-recovery-text = Someone asked for a new password for the account { $username }. If it was you, follow this link.
mail-recovery-action = Choose a new password
mail-recovery-ignore = If it was not you, do nothing. Your password stays as it is.
mail-link-ends = The link works once, for { $duration }.
