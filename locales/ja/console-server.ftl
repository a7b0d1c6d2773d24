console-keys = 鍵
console-keys-lead = トークンに署名する鍵です。API は公開された鍵を取得し、15分間保持できます。
console-action = 変更
console-key-alg = アルゴリズム
console-key-state = 状態
console-key-since = 開始
console-key-due-column = 交換予定
console-key-id = 鍵の ID
console-key-next = 次の鍵、公開中
console-key-active = 署名中
console-key-retired = 引退、公開中
console-key-archived = 保管
console-key-rotation = 交換
console-key-rotation-lead = 次の鍵が署名を始めます。前の鍵は、署名したものがすべて期限切れになるまで公開されます。
console-key-rotate = 交換
console-key-rotate-one = { $alg } を交換
console-key-waits = 次の鍵は公開されたばかりです。{ $moment } から署名できます。
console-key-rotate-heading = { $alg } の鍵を交換しますか？
console-key-rotate-effect = 新しいトークンは次の鍵で署名され、もう1つの鍵が公開されます。終わるトークンはありません。
console-key-too-early = 次の鍵がまだないか、API がまだ知らない可能性があります。15分待ってください。
console-key-revoke = 失効
console-key-revoke-one = 鍵 { $kid } を失効
console-key-revoke-heading = { $alg } のこの鍵を失効させますか？
console-key-revoke-effect = この鍵で署名したアクセストークンと ID トークンは、ここでも、鍵を取得し直す API でも、すぐに拒否されます。元に戻せません。
console-key-revoke-grants =
    { $count ->
        [0] 許可を持つアプリはありません。セッションとリフレッシュトークンは残ります。
       *[other] 許可 { $count } 件のアプリが新しいアクセストークンを取得します。セッションとリフレッシュトークンは残ります。
    }
console-key-revoke-many = { $number } 件を超える許可のアプリが新しいアクセストークンを取得します。セッションとリフレッシュトークンは残ります。
console-key-revoke-next = まだ何も署名していません。新しい次の鍵が公開されます。
console-key-revoke-archived = アプリがサインアウト時に送る ID トークンだけを検証する鍵です。それらは認識されなくなります。
console-key-revoke-warning = 次の鍵がすぐに署名します。まだ取得していない API は、15分間新しいトークンを拒否することがあります。鍵が漏れたときだけ行ってください。

console-mail = メール
console-mail-off = このサーバーはメールを送りません。mail.url が設定されていません。
console-mail-none = メールはありません。
console-mail-recipient = 宛先
console-mail-kind = 用途
console-mail-state = 状態
console-mail-queued-at = 登録
console-mail-outcome = 最後の応答
console-mail-queued = 待機中
console-mail-delivered = 配信済み
console-mail-expired = 期限切れ
console-mail-dead = 断念
console-mail-next = 次の試行: { $moment }
console-mail-attempts = { $count } 回試行
console-mail-show-dead = 断念したものを表示
console-mail-show-all = すべて表示
console-mail-retry = 再試行
console-mail-retry-one = { $address } への送信を再試行
console-mail-retry-all = すべて再試行
console-mail-retry-heading = このメールを再送しますか？
console-mail-retry-effect = すぐに送信の順番になり、試行回数は最初から数えます。
console-mail-retry-all-heading = 未配信のメールをすべて再送しますか？
console-mail-retry-all-effect = 未配信で期限が残っているすべてのメールが、すぐに送信の順番になります。

console-audit = 監査ログ
console-audit-lead = 管理者によるすべての変更を、新しいものから表示します。
console-audit-actor = 変更者
console-audit-kind = 種類
console-audit-all = すべて
console-audit-target = 変更された対象
console-audit-face = 方法
console-audit-reason = 理由
console-audit-entry = 項目 { $number }
console-audit-noted = 別の場所に控える値
console-audit-noted-lead = この値を「writ audit verify --noted」に渡すと、ログが以前の状態に戻されたことがわかります。
console-audit-members = 変更された値
console-audit-before = 変更前
console-audit-after = 変更後
console-audit-partial = 古い項目はまだ検索していません。次のページにあります。

console-settings = 設定
console-settings-lead = このサーバーが読み込んだ設定です。パスワードは含みません。設定ファイルと環境変数で変更します。
console-settings-own = 指定
