# メールの文面。

mail-test-subject = { $product } テストメール
mail-test-text = メールは正常に送信されています。必要な操作はありません。

mail-recovery-subject = { $product } 新しいパスワードの設定
mail-recovery-text = { $username } のアカウントの新しいパスワードが求められました。ご自身の場合は、次のリンクを開いてください。
mail-recovery-action = 新しいパスワードを決める
mail-recovery-ignore = お心当たりがない場合は、何もする必要はありません。パスワードはそのままです。
mail-link-ends = リンクは{ $duration }以内に一度だけ使えます。

mail-verification-subject = { $product } メールアドレスの確認
mail-verification-text = { $username } のアカウントにこのアドレスが入力されました。ご自身の場合は、次のリンクを開いてください。
mail-verification-digits = または、入力欄に次の6桁の数字を入力してください: { $digits }
mail-verification-action = アドレスを確認する
mail-verification-ignore = お心当たりがない場合は、何もする必要はありません。アドレスは登録されません。

mail-taken-subject = { $product } メールアドレスについて
mail-taken-text = このアドレスが別のアカウントに入力されました。アドレスは { $username } のアカウントのままです。必要な操作はありません。

notice-email-changed-subject = { $product } メールアドレスが変更されました
notice-email-changed = { $username } のアカウントのメールアドレスが、{ $moment } に別のアドレスに変更されました。変更元: { $network }
notice-not-me = ご自身でない場合は、次のリンクを開いてください。すべての場所でログアウトし、いまのパスワードは使えなくなります。そのあと新しいパスワードを決めます。
notice-action = 自分ではありません
notice-ignore = ご自身の場合は、何もする必要はありません。

notice-password-subject = { $product } パスワードが変更されました
notice-password = { $username } のアカウントのパスワードが、{ $moment } に変更されました。変更元: { $network }
notice-password-removed-subject = { $product } パスワードが削除されました
notice-password-removed = { $username } のアカウントのパスワードが、{ $moment } に削除されました。削除元: { $network }
notice-factor-set-up-subject = { $product } 2段階ログインが有効になりました
notice-factor-set-up = { $username } のアカウントの2段階ログインが、{ $moment } に有効になりました。変更元: { $network }
notice-factor-removed-subject = { $product } 2段階ログインが無効になりました
notice-factor-removed = { $username } のアカウントの2段階ログインが、{ $moment } に無効になりました。変更元: { $network }
notice-passkey-added-subject = { $product } パスキーが追加されました
notice-passkey-added = { $username } のアカウントに、ログインできるパスキーが { $moment } に追加されました。追加元: { $network }
notice-passkey-removed-subject = { $product } パスキーが削除されました
notice-passkey-removed = { $username } のアカウントのパスキーが、{ $moment } に削除されました。削除元: { $network }
notice-new-browser-subject = { $product } 新しいログイン
notice-new-browser = { $username } のアカウントに、初めてのブラウザーでログインがありました。日時: { $moment }、ログイン元: { $network }

mail-sign-up-subject = { $product } アカウントの作成
mail-sign-up-text = 新しいアカウントのためにこのアドレスが入力されました。ご自身の場合は、次のリンクを開き、決めたパスワードを入力するか、作成したパスキーを使ってください。
mail-sign-up-ignore = お心当たりがない場合は、何もする必要はありません。アカウントは作成されません。
mail-sign-up-taken-text = 新しいアカウントのためにこのアドレスが入力されました。このアドレスにはすでに { $username } のアカウントがあります。ご自身の場合は、ログインするか、ログインページで新しいパスワードを求めてください。
mail-invitation-subject = { $product } への招待
mail-invitation-text = アカウントの作成に招待されています。名前とパスワードを決めてください。
