passkeys-heading = パスキー
passkeys-what = パスキーを使うと、パスワードなしで、指紋、顔、またはデバイスの PIN でログインできます。このサイトをまねたページでは使えません。
passkeys-none = パスキーはまだありません。
passkeys-synced = 同期されるすべてのデバイスで使用
passkeys-bound = 1台のデバイスだけで使用
passkeys-added = { $date }に追加
passkeys-last-used = 最終使用: { $date }
passkeys-never-used = まだ使用していません
passkeys-name = 名前
passkeys-rename = 名前を変更
passkeys-save = 保存
passkeys-remove = 削除
passkeys-remove-one = パスキー { $name } を削除
passkeys-removed = パスキーをアカウントから削除しました。デバイスからも削除してください。
passkeys-name-wrong = 名前は1文字から100文字までです。
passkeys-last-way = このパスキーを削除するとログインできなくなります。先にパスワードを決めるか、別のパスキーを追加してください。
passkeys-unnamed = パスキー

passkey-new-heading = パスキーを追加
passkey-new-what = デバイスが指紋、顔、または PIN を確認します。どれもデバイスの外には出ません。
passkey-offer = パスキーはパスワードより速く、このサイトをまねたページでは使えません。あとでアカウントから追加することもできます。
passkey-offer-later = 今はしない
passkey-new-submit = パスキーを作成
passkey-new-back = パスキーの一覧に戻る
passkey-new-unable = このブラウザーではパスキーを作成できません。別のブラウザーかデバイスをお試しください。
passkey-new-cancelled = パスキーは作成されませんでした。キャンセルしたか、時間がかかりすぎたか、デバイスに画面ロックがないのかもしれません。
passkey-new-known = このデバイスには、このサイトのアカウントのパスキーがすでにあります。
passkey-new-refused = このパスキーは使えません。デバイスによる本人確認が必要です。画面ロックか PIN を設定して、もう一度お試しください。
passkey-new-too-many = パスキーが多すぎます。使っていないものを先に削除してください。

passkey-sign-in = パスキーでログイン
passkey-heading = パスキーを使ってください
passkey-use = パスキーを使う
passkey-cancelled = パスキーは使われませんでした。キャンセルしたか、時間がかかりすぎたか、このデバイスにこのサイトのパスキーがないのかもしれません。
passkey-origin = このアドレスではパスキーを使えません。サイトの運営者にお知らせください。
passkey-unable = このブラウザーではパスキーを使えません。別のブラウザーかデバイスをお試しください。
passkey-stale = このページが長い間開いたままでした。もう一度お試しください。
passkey-refused = パスキーを確認できませんでした。アカウントから削除されたのかもしれません。

confirm-passkey-why = 続ける前に、パスキーを使ってください。
factor-prove-consequence = このアカウントは2段階ログインを使っています。続ける前にコードを入力してください。

login-problem-passkey = パスキーを確認できませんでした
login-advice-passkey = アカウントから削除されたのかもしれません。別のパスキーかパスワードを使ってください。
login-advice-passkey-stale = パスキーをもう一度使ってください。

password-none = なし
password-choose = パスワードを決める
password-remove = パスワードを削除
password-remove-consequence = 以後はパスキーでログインします。パスワードを再び設定できるのは、メールに届くリンクからだけです。

event-password-removed = パスワードが削除されました
event-passkey-added = パスキーが追加されました
event-passkey-removed = パスキーが削除されました
event-passkey-cloned = コピーがあるかもしれないパスキーを拒否しました。そのパスキーを削除し、別のパスキーを追加してください。
