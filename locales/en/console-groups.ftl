console-groups-lead = Apps and scopes can be open to some groups only. A group can be in one other group.
console-groups-none = There are no groups yet.
console-group-parent = In group
console-group-top = in no other group
console-group-new = New group
console-create = Create
console-name-taken = Something has this name, ID or audience already. Choose another one.
console-name-invalid = This name cannot be used: it is too long, has other characters, or is reserved.
console-group-not-nested = Groups are nested one level deep: the other group is in a group, or this one has groups of its own.
console-group-in-use = Something is open to this group only. Change that first: without the group it would be open to fewer users.
console-group-too-many = The user is in too many groups.
console-user-not-found-here = There is no user with this username, verified e-mail address or ID.
console-group-administrators = The members of this group are administrators.
console-group-uses = Open to this group
console-group-uses-more = More is open to it. `writ group show` lists everything.
console-group-nested = Groups in this group
console-group-members-heading = Members
console-group-members =
    { $count ->
        [0] No members.
        [one] { $count } member
       *[other] { $count } members
    }
console-group-members-many = More than { $number } members
console-group-add-heading = Add a member
console-group-add = Add
console-group-remove = Remove
console-group-remove-one = Remove { $username }
console-group-remove-heading = Remove { $username } from { $group }?
console-group-remove-effect = What is open to this group only is closed to the user at once, also for apps that are connected.
console-group-delete = Delete group
console-group-delete-heading = Delete { $group }?
console-group-leave =
    { $count ->
        [0] No user leaves it.
        [one] { $count } user leaves it.
       *[other] { $count } users leave it.
    }
console-group-leave-many = More than { $number } users leave it.
console-group-delete-effect = The groups in it stay, and are in no other group then. Tokens do not name it any more. This cannot be undone.

console-resources = APIs
console-resources-lead = The resource servers that accept tokens of this server, and their scopes.
console-resources-none = There are no APIs yet.
console-resource-id = ID
console-resource-new = New API
console-name-english = Name, in English
console-audience = Audience
console-scope-count = Scopes
console-token-profile = Access tokens
console-introspection = Introspection
console-resource-secret = It has a secret.
console-resource-no-secret = It has no secret.
console-risk = Risk
console-risk-lead = With a higher risk, users are asked again.
console-lint = Words
console-lint-none = good
console-lint-count =
    { $count ->
        [one] { $count } problem
       *[other] { $count } problems
    }
console-scope-new = New scope
console-scope-new-lead = The words in the other languages follow on its page.
console-scope-name = Name, such as message:read
console-scope-sentence = What it permits, in English
console-scope-consequence = The consequence for the user, in English
console-scope-sentence-short = What it permits
console-scope-consequence-short = Consequence
console-scope-default = Included when a request names the API and no scope
console-words = In the words of the consent page
console-words-lead = A language without words is left empty. English is needed.
console-words-invalid = A text is empty, or English is missing. Both texts are needed in each language.
console-audience-invalid = The audience is an absolute URI without fragment, and not that of this server.
console-save = Save
console-finding-missing = No words in this language.
console-finding-no-consequence = There is no consequence.
console-finding-long-sentence = The sentence has { $count } characters. Shorten it.
console-finding-long-consequence = The consequence has { $count } characters. Shorten it.
console-finding-no-verb = The sentence does not say what the app does. Begin with the verb.
console-finding-reading-age = Only readers of { $count } years understand the consequence. Use shorter words.
console-finding-many-words = A sentence of the consequence has { $count } words. Split it.
console-finding-nothing-new = The consequence says no more than the sentence.
console-finding-others = The risk is high, but the consequence does not say what other people notice, or that it cannot be undone.
console-finding-untranslated = The words are those of { $language }. Translate them.
console-finding-out-of-step = The consequence has more or fewer sentences than in the first language.
console-scopes-taken =
    { $grants ->
        [0] No grant loses a scope.
        [one] { $grants } grant loses a scope.
       *[other] { $grants } grants lose a scope.
    }
console-scopes-taken-many = More than { $number } grants lose a scope.
console-scope-delete = Delete scope
console-scope-delete-heading = Delete the scope { $name }?
console-scope-delete-effect = It is taken out of the registrations of all apps. A scope with the same name is another one, and users are asked again. This cannot be undone.
console-resource-delete = Delete API
console-resource-delete-heading = Delete { $name }?
console-resource-delete-effect = Its scopes are deleted with it, in the registrations of all apps too. Its secret ends. This cannot be undone.
console-resource-rotate-heading = Make a new secret for { $name }?
console-resource-rotate-effect = The new secret is shown once. The one before it ends at once, and the API cannot introspect until it has the new one.
console-group-edit = Rename or move
console-edit-lead = The next page says what this changes.
console-continue = Continue
console-group-edit-heading = Change { $group }?
console-group-rename-effect = The group is called { $after } from now on. Apps that know it as { $before } by the claim groups do not recognize it in new tokens.
console-group-rename-kept = What is open to it stays open to it. Configuration files must use the new name.
console-group-moves-out = Its members are no longer in { $group } by this group.
console-group-moves-in = Its members are in { $group } from now on, too.
console-group-becomes-administrators = Its members become administrators. They can change every app, account, group and key here, and make others administrators.
console-group-were-administrators = Its members are no longer administrators by this group.
console-group-add-heading-one = Add { $username } to { $group }?
console-group-add-effect = What is open to this group is open to the user.
console-administrator-effect = The user becomes an administrator and can change every app, account, group and key here, read the audit log, and make others administrators.
console-administrator-factor = This console opens to the user with a second factor only.
console-group-unknown = There is no group with one of these names. Separate names with commas.
console-resource-edit = Names and tokens
console-resource-name-in = Name in { $language }
console-token-typ = Type of access tokens
console-token-groups = Groups in access tokens
console-token-lifetime = Lifetime of access tokens, in seconds
console-token-lifetime-invalid = A token lives for 1 to 86400 seconds.
console-token-default = as the server does
console-resource-edit-heading = Change { $name }?
console-resource-audience-effect = Tokens are issued for { $after } from now on. Those for { $before } are not renewed, and apps must request the new one.
console-resource-names-effect = Users read the new name when an app asks them.
console-resource-tokens-effect = New access tokens have this format: { $format }. The API must accept it.
console-scopes-held =
    { $grants ->
        [0] No grant has its scopes.
        [one] { $grants } grant has its scopes.
       *[other] { $grants } grants have its scopes.
    }
console-scopes-held-many = More than { $number } grants have its scopes.
console-scope-groups-lead = Names of groups, with commas between them. Without a name, all users. Users who are in none of the groups get no further tokens with it.
console-scope-mfa = Only users who signed in with a second factor get it
