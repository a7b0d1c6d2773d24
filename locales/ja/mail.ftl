# メールの文面。

mail-test-subject = { $product } テストメール
mail-test-text = メールは正常に送信されています。必要な操作はありません。

mail-recovery-subject = { $product } 新しいパスワードの設定
mail-recovery-text = { $username } のアカウントの新しいパスワードが求められました。ご自身の場合は、次のリンクを開いてください。
mail-recovery-action = 新しいパスワードを決める
mail-recovery-ignore = お心当たりがない場合は、何もする必要はありません。パスワードはそのままです。
mail-link-ends = リンクは{ $duration }以内に一度だけ使えます。
