email-change = 変更
email-is-confirmed = 確認済み
email-is-unconfirmed = まだ確認されていません。確認するまではログインに使えず、アプリにも渡されません。
email-none = アドレスは登録されていません。
email-sent = { $address } にメールを送りました。どのブラウザーでもよいのでメールのリンクを開くか、ここに6桁の数字を入力してください。
email-digits = メールの6桁の数字
email-digits-wrong = 最後のメールの数字と違うか、有効期限が切れています。
email-confirm-submit = アドレスを確認する
email-send-again = メールをもう一度送る
email-new = 新しいアドレス
email-rule = このアドレスにメールを送ります。確認するまでは何も変わりません。
email-send = メールを送る
email-unavailable = このサーバーはメールを送らないため、ここではアドレスを変更できません。
email-confirm-heading = このアドレスを確認しますか？
email-confirm-text = { $username } のアカウントに { $address } を登録します。
email-confirm-ignore = ご自身のアカウントでない場合は、このページを閉じてください。アドレスは登録されません。
email-confirmed-heading = アドレスを確認しました
email-confirmed = { $address } がアカウントに登録されました。
email-void = リンクは1日のあいだ使えます。アドレスやパスワードを変更したあとは使えません。

take-back-heading = ご自身ではありませんか？
take-back-consequence = すべての場所でログアウトし、いまのパスワードは使えなくなります。そのあと新しいパスワードを決めます。それまではパスキーでもログインできません。この3日間に追加されたパスキーは削除されます。
take-back-address = { $address } がアカウントのアドレスに戻ります。
take-back-submit = 自分ではありません
take-back-void = リンクは3日以内に一度だけ使えます。新しいパスワードはいまからでも求められます。

event-email-confirmed = メールアドレスが確認されました
event-account-taken-back = メールのリンクでアカウントを取り戻しました
