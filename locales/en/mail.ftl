# The texts of mails.

mail-test-subject = Test mail from { $product }
mail-test-text = Outgoing mail works. There is nothing for you to do.
