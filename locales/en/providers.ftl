login-providers = Sign in another way
login-with = Continue with { $provider }
login-routed = Addresses at { $domain } sign in with { $provider }.
login-problem-provider = You are not signed in

provider-cancelled = You cancelled the sign-in at { $provider }. Try again, or sign in another way.
provider-unavailable = { $provider } could not sign you in. Nothing is wrong with your account. Try again later, or sign in another way.
provider-not-recent = The page that you want needs a fresh sign-in, and { $provider } does not say that you have just signed in there. Sign in another way.
provider-disabled = The account that belongs to your { $provider } account is disabled.
provider-linked-elsewhere = Your { $provider } account belongs to another account here already.
provider-ended = You took too long, or were signed out. Please start again with { $provider }.

first-time-heading = You are new here
first-time-account = { $provider } knows you as { $account }. No account here belongs to it yet.
first-time-anonymous = { $provider } has signed you in. No account here belongs to it yet.
first-time-new = Start with a new account
first-time-known = You have an account here already?
first-time-link = Sign in to it once. After that, { $provider } opens it as well.
first-time-stale = This page was open for a while. Please try once more.

link-heading = Sign in with { $provider } from now on?
link-what = After that, your { $provider } account opens the account { $username } here. You can undo it on your account page.
link-here = Account here
link-unnamed = An account without a name
link-submit = Yes, connect both
link-skip = Not now

links-heading = Sign-in with other accounts
links-see = See and change
links-what = Whoever can sign in to one of these accounts can sign in here.
links-none = None is connected.
links-since = Since { $date }.
links-last-used = Last used on { $date }.
links-remove = Remove
links-remove-of = Remove { $provider }
links-add = Connect { $provider }
links-last-way = It is your only way to sign in. Choose a password first, for example with “Forgot your password?” on the sign-in page.

confirm-provider-why = To protect your account, please sign in again.
confirm-no-way = To protect your account, this needs a fresh sign-in. Choose a password first: sign out, then use “Forgot your password?” on the sign-in page.

event-provider-linked = An account for signing in was connected
event-provider-linked-named = Signing in with { $provider } was connected
event-provider-unlinked = An account for signing in was removed
event-provider-unlinked-named = Signing in with { $provider } was removed

notice-provider-linked-subject = Another way to sign in to { $product }
notice-provider-linked = An account of another service was connected to your account { $username }, and opens it from now on. It was done on { $moment } from { $network }.
notice-provider-linked-named = An account at { $provider } was connected to your account { $username }, and opens it from now on. It was done on { $moment } from { $network }.
notice-provider-unlinked-subject = One way less to sign in to { $product }
notice-provider-unlinked = An account of another service does not open your account { $username } any more. It was removed on { $moment } from { $network }.
notice-provider-unlinked-named = Your account at { $provider } does not open your account { $username } any more. It was removed on { $moment } from { $network }.
