console-heading = Administration
console-nav = Administration
console-overview = Overview
console-apps = Apps
console-users = Users

console-closed = The account { $username } may not administer this server. Ask an administrator, or use another account.
console-needs-factor = To administer this server, you need two-step sign-in. Set it up, then come back to this page.

console-join-heading = Become an administrator
console-join-lead = The account { $username } will be able to see and change every account and every app of { $product }.
console-join-submit = Become an administrator
console-join-void = This link does not work any more, or it is for another account. It works once, for 30 minutes.

console-attention = Needs attention
console-attention-none = Nothing at the moment.
console-key-due = The signing key for { $alg } is due for rotation.
console-mails-dead =
    { $count ->
        [one] { $count } mail could not be delivered.
       *[other] { $count } mails could not be delivered.
    }
console-review = Apps to review
console-review-lead = They registered themselves. Users are warned about them until an administrator approves them.
console-review-more = There are more of them in the list of apps.

console-changes = Latest changes by administrators
console-changes-none = None yet.
console-because = Reason: { $reason }
console-members =
    { $count ->
        [one] { $count } value
       *[other] { $count } values
    }

console-find = Find
console-next = Next page
console-app = App
console-client-id = Client ID
console-registered = Registered
console-apps-none = There are no apps yet.
console-app-not-found = There is no app with this client ID. This is the whole list.
console-unapproved = Not approved
console-origin-administrator = by an administrator
console-origin-self = by itself
console-origin-document = by its metadata document
console-usage = In use
console-grants =
    { $grants ->
        [one] { $grants } grant
       *[other] { $grants } grants
    } of { $users ->
        [one] { $users } user
       *[other] { $users } users
    }
console-open-to = Open to
console-open-to-none = no user
console-grants-many = More than { $number } grants
console-authentication = Authentication
console-grant-types = Grant types
console-redirect-uris = Redirect URIs
console-scopes = What it may ask for
console-scopes-lead = In the words that users read on the consent page.
console-scopes-none = Nothing.
console-required = The app does not work without it.
console-secrets = Secrets
console-secret-made = Valid since { $moment }
console-secret-used = Last used { $moment }, to the hour
console-secret-unused = No use recorded
console-failures = Latest refused requests
console-failures-none = None.
console-when = When
console-endpoint = Endpoint
console-cause = Cause
console-description = Description

console-login = Username, verified e-mail address or ID
console-user-not-found = There is no such user. This is the whole list.
console-username = Username
console-name = Name
console-created = Created
console-unverified = { $email } (not verified)
console-disabled = Disabled
console-disabled-since = This account has been disabled since { $moment }.
console-groups = Groups
console-no-factor = None
console-sessions = Sessions
console-sessions-none = The user is signed in nowhere.
console-device = Device
console-network = Network
console-signed-in = Signed in
console-last-seen = Last used
console-connections-none = No apps are connected.
console-allowed = Allowed
console-since = Since

console-approve = Approve
console-approve-heading = Approve { $app }?
console-approve-effect = The consent page no longer warns about the app, remembers what users allowed, and shows its logo.
console-rotate = New secret
console-rotate-heading = Make a new secret for { $app }?
console-rotate-effect = The new secret is shown once. The one before it works until the next rotation, older ones end at once.
console-disconnect = Disconnect all users
console-disconnect-heading = Disconnect all users from { $app }?
console-grants-end =
    { $grants ->
        [0] No grant ends.
        [one] { $grants } grant of { $users ->
            [one] { $users } user
           *[other] { $users } users
        } ends.
       *[other] { $grants } grants of { $users ->
            [one] { $users } user
           *[other] { $users } users
        } end.
    }
console-grants-end-many = More than { $number } grants end.
console-disconnect-effect = Users must allow the app again. Access tokens that it holds may be accepted until they expire.
console-delete-app = Delete app
console-delete-app-heading = Delete { $app }?
console-delete-app-effect = The registration and its secrets are deleted. This cannot be undone.

console-disable-app-heading = Disable { $app }?
console-disable-app-effect = Until it is enabled, the app gets no codes and no tokens, users cannot sign in to it, and introspection says that its tokens are not active. APIs that verify tokens by themselves accept those that it has until they expire. Nothing is deleted.
console-enable-app-heading = Enable { $app }?
console-enable-app-effect = The app can act again. What users allowed it before holds again.
console-grants-suspended =
    { $grants ->
        [0] No grant is suspended.
        [one] { $grants } grant of { $users ->
            [one] { $users } user
           *[other] { $users } users
        } is suspended.
       *[other] { $grants } grants of { $users ->
            [one] { $users } user
           *[other] { $users } users
        } are suspended.
    }
console-grants-suspended-many = More than { $number } grants are suspended.
console-disabled-app-since = This app has been disabled since { $moment }.
console-connection-heading = Disconnect { $app } from { $username }?
console-connection-effect = The grants and the consent end: { $scopes }

console-sign-out = Sign out everywhere
console-sign-out-heading = Sign { $username } out everywhere?
console-sessions-end =
    { $count ->
        [0] No session ends.
        [one] { $count } session ends.
       *[other] { $count } sessions end.
    }
console-sign-out-effect = Apps that work while the user is away keep their access.
console-unlock = Unlock
console-unlock-heading = Unlock { $username }?
console-unlock-effect = Wrong passwords and codes are forgotten, so that the user can sign in at once.
console-reset-factors = Remove second factor
console-reset-factors-heading = Remove the second factor of { $username }?
console-reset-factors-effect = The authenticator app, the passkeys, the recovery codes and the trusted browsers end. A password alone is enough then, and a user without one needs a recovery link.
console-reset-factors-warning = Make sure first that it is the user who asks you.
console-disable = Disable
console-disable-heading = Disable { $username }?
console-disable-effect = The user cannot sign in, and apps get no tokens, until the account is enabled again.
console-enable = Enable
console-enable-heading = Enable { $username }?
console-enable-effect = The user can sign in again, and connected apps get tokens again.
console-delete-user = Delete account
console-delete-user-heading = Delete { $username }?
console-user-grants-end =
    { $count ->
        [0] No app loses access.
        [one] { $count } grant to an app ends.
       *[other] { $count } grants to apps end.
    }
console-delete-user-effect = The account and everything that refers to it are deleted. This cannot be undone.

console-reason = Reason, for the audit log (optional)
console-keep = Keep as it is
console-refused = Nothing was changed
console-changed = It has changed since you saw it. Look at it again, then decide.
console-partly = Not all users were disconnected
console-disconnected-partly =
    { $count ->
        [one] { $count } user was disconnected, others not yet. Look at the app again, and go on there.
       *[other] { $count } users were disconnected, others not yet. Look at the app again, and go on there.
    }
console-last-administrator = No administrator would be left. Make another user an administrator first.
console-command-line = Only the command line can change this.
console-no-secret = This app has no secret.
console-meanwhile = Latest changes
console-look-again = Look at it again
console-new-secret = New secret
console-secret-once = It is shown only now. Keep it where the app reads it, and nowhere else.
console-secret-kept = I have kept it
console-approved-now = The app is approved.
console-disconnected-now = All users are disconnected.
console-deleted-app = The app was deleted.
console-deleted-user = The account was deleted.
