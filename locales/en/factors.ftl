code-heading = Enter your code
code-app = Code from your authenticator app
code-recovery = Recovery code
code-either = Code from your authenticator app, or a recovery code
code-trust = Do not ask in this browser for 30 days
code-submit = Continue
code-without = Go on to the app that you came from, without a code
code-use-recovery = Use a recovery code
code-use-app = Use your authenticator app
code-wrong = That code is wrong or was used already. An authenticator app shows a new one every 30 seconds.
code-stale = This page was open for a while. Please enter a code once more.

factor-heading = Two-step sign-in
factor-see = See and change
factor-what = After your password you enter a code from an authenticator app on your phone. Your password alone then opens nothing.
factor-set-up = Set up two-step sign-in
factor-app = Authenticator app
factor-since = Since { $date }
factor-remove = Turn off
factor-remove-heading = Turn off two-step sign-in?
factor-remove-consequence = Your account then opens without a code. Your recovery codes stop working.
factor-keep = Leave it as it is
factor-codes = Recovery codes
factor-codes-left =
    { $count ->
        [0] None left
        [one] One left
       *[other] { $count } left
    }
factor-new-codes = Make new recovery codes
factor-new-codes-consequence = The earlier ones stop working.
factor-browsers = Trusted browsers
factor-trusted =
    { $count ->
        [one] One browser is not asked for a code
       *[other] { $count } browsers are not asked for a code
    }
factor-forget = Ask everywhere

set-up-heading = Set up two-step sign-in
set-up-required = To go on, you need a sign-in in two steps.
set-up-scan = Scan this picture with an authenticator app on your phone.
set-up-picture = QR code with the key that is written below
set-up-key = Or type this key into the authenticator app:
set-up-code = The six digits that the authenticator app now shows
set-up-submit = Turn on
set-up-wrong = The authenticator app shows another code now, or the clock of your phone is wrong. Please enter the digits that it shows now.

recovery-heading = Your recovery codes
recovery-set-up = Two-step sign-in is on.
recovery-what = Without your phone, each of these codes signs you in once. Print them or write them down, and keep them away from your phone. They are shown only now.
recovery-whose = { $product }, { $username }
recovery-kept = I have kept them

event-code-wrong =
    { $count ->
        [one] A wrong code was typed after your password. If it was not you, change your password.
       *[other] A wrong code was typed { $count } times after your password. If it was not you, change your password.
    }
event-second-factor-set-up = Two-step sign-in was turned on
event-second-factor-removed = Two-step sign-in was turned off
event-second-factor-reset = An administrator turned two-step sign-in off
event-recovery-code-used = A recovery code was used
event-recovery-codes-replaced = New recovery codes were made
