# メールの文面。

mail-test-subject = { $product } テストメール
mail-test-text = メールは正常に送信されています。必要な操作はありません。
