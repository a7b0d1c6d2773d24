login-providers = ほかの方法でログイン
login-with = { $provider } で続ける
login-routed = { $domain } のアドレスをお持ちの方は、{ $provider } でログインします。
login-problem-provider = ログインできませんでした

provider-cancelled = { $provider } でのログインがキャンセルされました。もう一度試すか、ほかの方法でログインしてください。
provider-unavailable = { $provider } ではログインできませんでした。アカウントに問題はありません。時間をおいて試すか、ほかの方法でログインしてください。
provider-not-recent = このページを開くには、いまログインしたことの確認が必要ですが、{ $provider } からはその確認が届きません。ほかの方法でログインしてください。
provider-disabled = この { $provider } アカウントにつながるアカウントは停止されています。
provider-linked-elsewhere = この { $provider } アカウントは、すでに別のアカウントにつながっています。
provider-ended = 時間が過ぎたか、ログアウトされました。{ $provider } でのログインを最初からやり直してください。

first-time-heading = はじめてのご利用です
first-time-account = { $provider } では { $account } としてログインしました。これにつながるアカウントは、まだここにありません。
first-time-anonymous = { $provider } でログインしました。これにつながるアカウントは、まだここにありません。
first-time-new = 新しいアカウントではじめる
first-time-known = すでにアカウントをお持ちですか
first-time-link = そのアカウントで一度ログインしてください。次からは { $provider } でもログインできます。
first-time-stale = ページが長く開かれていました。もう一度お試しください。

link-heading = これから { $provider } でログインしますか
link-what = つなぐと、{ $provider } のアカウントで、ここの { $username } にログインできます。アカウントのページでいつでも解除できます。
link-here = ここのアカウント
link-unnamed = 名前のないアカウント
link-submit = つなぐ
link-skip = あとで

links-heading = ほかのアカウントでのログイン
links-see = 表示と変更
links-what = 次のアカウントにログインできる人は、ここにもログインできます。
links-none = つながっているアカウントはありません。
links-since = { $date } から。
links-last-used = 最後の利用: { $date }。
links-remove = 解除
links-remove-of = { $provider } を解除
links-add = { $provider } をつなぐ
links-last-way = ログインの方法がこれしかありません。先にパスワードを決めてください。ログインページの「パスワードをお忘れですか?」から決められます。

confirm-provider-why = アカウントを守るため、もう一度ログインしてください。
confirm-no-way = アカウントを守るため、もう一度ログインする必要があります。先にパスワードを決めてください。ログアウトしてから、ログインページの「パスワードをお忘れですか?」をお使いください。

event-provider-linked = ログイン用のアカウントをつなぎました
event-provider-linked-named = ログイン用に { $provider } のアカウントをつなぎました
event-provider-unlinked = ログイン用のアカウントを解除しました
event-provider-unlinked-named = ログイン用の { $provider } のアカウントを解除しました

notice-provider-linked-subject = { $product } のログイン方法が増えました
notice-provider-linked = { $username } のアカウントに、ほかのサービスのアカウントがつながり、これからはそれでもログインできます。日時: { $moment }、変更元: { $network }
notice-provider-linked-named = { $username } のアカウントに { $provider } のアカウントがつながり、これからはそれでもログインできます。日時: { $moment }、変更元: { $network }
notice-provider-unlinked-subject = { $product } のログイン方法が減りました
notice-provider-unlinked = ほかのサービスのアカウントでは、{ $username } のアカウントにログインできなくなりました。日時: { $moment }、変更元: { $network }
notice-provider-unlinked-named = { $provider } のアカウントでは、{ $username } のアカウントにログインできなくなりました。日時: { $moment }、変更元: { $network }
