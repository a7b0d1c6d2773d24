console-keys = Keys
console-keys-lead = They sign tokens. APIs fetch the published ones and may keep them for 15 minutes.
console-action = Change
console-key-alg = Algorithm
console-key-state = State
console-key-since = Since
console-key-due-column = Due
console-key-id = Key ID
console-key-next = next, published
console-key-active = signs
console-key-retired = retired, published
console-key-archived = archived
console-key-rotation = Rotation
console-key-rotation-lead = The next key begins to sign. The one before it stays published until all it signed has expired.
console-key-rotate = Rotate
console-key-rotate-one = Rotate { $alg }
console-key-waits = The next key is published since a short time. It can sign from { $moment }.
console-key-rotate-heading = Rotate the key of { $alg }?
console-key-rotate-effect = New tokens are signed with the next key, and a further key is published. No token ends.
console-key-too-early = There is no next key yet, or APIs may not know it. Wait a quarter of an hour.
console-key-revoke = Revoke
console-key-revoke-one = Revoke the key { $kid }
console-key-revoke-heading = Revoke this key of { $alg }?
console-key-revoke-effect = All that it signed is refused at once, here and by APIs that fetch the keys again: access tokens and ID tokens. This cannot be undone.
console-key-revoke-grants =
    { $count ->
        [0] No app has a grant. Sessions and refresh tokens would stay.
        [one] An app with { $count } grant fetches a new access token. Sessions and refresh tokens stay.
       *[other] Apps with { $count } grants fetch new access tokens. Sessions and refresh tokens stay.
    }
console-key-revoke-many = Apps with more than { $number } grants fetch new access tokens. Sessions and refresh tokens stay.
console-key-revoke-next = It has signed nothing. A new next key is published.
console-key-revoke-archived = It only verifies ID tokens that apps send at sign-out. They are no longer recognized.
console-key-revoke-warning = The next key signs at once. APIs that have not fetched it may refuse new tokens for 15 minutes. Do this only if the key has leaked.

console-mail = Mail
console-mail-off = This server sends no mail: mail.url is not set.
console-mail-none = There are no mails.
console-mail-recipient = Recipient
console-mail-kind = Purpose
console-mail-state = State
console-mail-queued-at = Queued
console-mail-outcome = Last response
console-mail-queued = queued
console-mail-delivered = delivered
console-mail-expired = expired
console-mail-dead = given up
console-mail-next = Next attempt: { $moment }
console-mail-attempts =
    { $count ->
        [one] { $count } attempt
       *[other] { $count } attempts
    }
console-mail-show-dead = Show those given up
console-mail-show-all = Show all
console-mail-retry = Try again
console-mail-retry-one = Try again to send to { $address }
console-mail-retry-all = Try all again
console-mail-retry-heading = Send this mail again?
console-mail-retry-effect = It is due at once, and its attempts are counted from the start.
console-mail-retry-all-heading = Send all undelivered mails again?
console-mail-retry-all-effect = All mails that were not delivered and have not expired are due at once.

console-audit = Audit log
console-audit-lead = Every change by an administrator, and what users and the server did, the latest first.
console-audit-actor = Changed by
console-audit-kind = Kind
console-audit-all = All
console-audit-target = What was changed
console-audit-face = How
console-audit-reason = Reason
console-audit-entry = Entry { $number }
console-audit-noted = To note elsewhere
console-audit-noted-lead = “writ audit verify --noted” with this value finds an earlier state of the log that was put back.
console-audit-members = Changed values
console-audit-before = Before
console-audit-after = After
console-audit-partial = Older entries were not searched yet. They are on the next page.

console-settings = Settings
console-settings-lead = As this server has read them, without passwords. They are changed in the configuration file and the environment.
console-settings-own = set
