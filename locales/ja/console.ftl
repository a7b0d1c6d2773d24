console-heading = 管理
console-nav = 管理
console-overview = 概要
console-apps = アプリ
console-users = ユーザー

console-closed = アカウント { $username } では、このサーバーを管理できません。管理者に問い合わせるか、別のアカウントを使ってください。
console-needs-factor = このサーバーを管理するには、2段階のサインインが必要です。設定してから、このページに戻ってください。

console-join-heading = 管理者になる
console-join-lead = アカウント { $username } で、{ $product } のすべてのアカウントとアプリを見て変更できるようになります。
console-join-submit = 管理者になる
console-join-void = このリンクはもう使えないか、別のアカウント用です。リンクは30分間、1回だけ使えます。

console-attention = 確認が必要なもの
console-attention-none = 今はありません。
console-key-due = { $alg } の署名鍵を交換する時期です。
console-mails-dead = メール { $count } 通を届けられませんでした。
console-review = 審査するアプリ
console-review-lead = 自分で登録したアプリです。管理者が承認するまで、ユーザーに警告が表示されます。
console-review-more = アプリの一覧にほかにもあります。

console-changes = 管理者による最近の変更
console-changes-none = まだありません。
console-because = 理由: { $reason }
console-members = 値 { $count } 個

console-find = 検索
console-next = 次のページ
console-app = アプリ
console-client-id = クライアントID
console-registered = 登録
console-apps-none = まだアプリがありません。
console-app-not-found = このクライアントIDのアプリはありません。以下は全体の一覧です。
console-unapproved = 未承認
console-origin-administrator = 管理者による登録
console-origin-self = アプリ自身による登録
console-origin-document = メタデータ文書による登録
console-usage = 使用状況
console-grants = ユーザー { $users } 人の許可 { $grants } 件
console-open-to = 公開先
console-open-to-none = どのユーザーにも公開されていません
console-grants-many = { $number } 件を超える許可
console-authentication = 認証方式
console-grant-types = グラントタイプ
console-redirect-uris = リダイレクトURI
console-scopes = 要求できること
console-scopes-lead = ユーザーが同意ページで読む文言です。
console-scopes-none = ありません。
console-required = これがないとアプリは動きません。
console-secrets = シークレット
console-secret-made = { $moment } から有効
console-secret-used = 最後の使用: { $moment }（1時間単位）
console-secret-unused = 使用の記録なし
console-failures = 最近拒否されたリクエスト
console-failures-none = ありません。
console-when = 日時
console-endpoint = エンドポイント
console-cause = 原因
console-description = 説明

console-login = ユーザー名、確認済みのメールアドレス、またはID
console-user-not-found = そのユーザーはいません。以下は全体の一覧です。
console-username = ユーザー名
console-name = 名前
console-created = 作成日
console-unverified = { $email }（未確認）
console-disabled = 無効
console-disabled-since = このアカウントは { $moment } から無効です。
console-groups = グループ
console-no-factor = なし
console-sessions = セッション
console-sessions-none = どこにもサインインしていません。
console-device = 端末
console-network = ネットワーク
console-signed-in = サインイン
console-last-seen = 最後の使用
console-connections-none = 接続されたアプリはありません。
console-allowed = 許可したこと
console-since = 開始

console-approve = 承認
console-approve-heading = { $app } を承認しますか？
console-approve-effect = 同意ページはこのアプリについて警告しなくなり、ユーザーが許可したことを記憶し、ロゴを表示します。
console-rotate = 新しいシークレット
console-rotate-heading = { $app } の新しいシークレットを作りますか？
console-rotate-effect = 新しいシークレットは1回だけ表示されます。直前のものは次の交換まで使え、それより古いものはすぐに終わります。
console-disconnect = すべてのユーザーを切断
console-disconnect-heading = { $app } からすべてのユーザーを切断しますか？
console-grants-end =
    { $grants ->
        [0] 終わる許可はありません。
       *[other] ユーザー { $users } 人の許可 { $grants } 件が終わります。
    }
console-grants-end-many = { $number } 件を超える許可が終わります。
console-disconnect-effect = ユーザーはアプリをもう一度許可する必要があります。アプリが持つアクセストークンは、期限まで受け付けられることがあります。
console-delete-app = アプリを削除
console-delete-app-heading = { $app } を削除しますか？
console-delete-app-effect = 登録とシークレットが削除されます。元に戻せません。

console-disable-app-heading = { $app } を無効にしますか？
console-disable-app-effect = 再び有効にするまで、アプリはコードもトークンも受け取れず、ユーザーはサインインできず、イントロスペクションはトークンを無効と答えます。トークンを自分で検証する API は、期限まで受け付けます。何も削除されません。
console-enable-app-heading = { $app } を有効にしますか？
console-enable-app-effect = アプリは再び動きます。ユーザーが以前に許可したことが再び有効になります。
console-grants-suspended =
    { $grants ->
        [0] 停止する許可はありません。
       *[other] ユーザー { $users } 人の許可 { $grants } 件が停止します。
    }
console-grants-suspended-many = { $number } 件を超える許可が停止します。
console-disabled-app-since = このアプリは { $moment } から無効です。
console-connection-heading = { $username } から { $app } を切断しますか？
console-connection-effect = 許可と同意が終わります: { $scopes }

console-sign-out = すべての場所でサインアウト
console-sign-out-heading = { $username } をすべての場所でサインアウトしますか？
console-sessions-end =
    { $count ->
        [0] 終わるセッションはありません。
       *[other] セッション { $count } 個が終わります。
    }
console-sign-out-effect = ユーザーの不在中に動くアプリは、アクセスを保ちます。
console-unlock = ロック解除
console-unlock-heading = { $username } のロックを解除しますか？
console-unlock-effect = 間違ったパスワードとコードの記録を消し、すぐにサインインできるようにします。
console-reset-factors = 第2要素を削除
console-reset-factors-heading = { $username } の第2要素を削除しますか？
console-reset-factors-effect = 認証アプリ、パスキー、復旧コード、信頼したブラウザーが終わります。その後はパスワードだけで足ります。パスワードのない利用者には復旧リンクが必要です。
console-reset-factors-warning = 依頼しているのが本人であることを、先に確かめてください。
console-disable = 無効にする
console-disable-heading = { $username } を無効にしますか？
console-disable-effect = 再び有効にするまで、ユーザーはサインインできず、アプリはトークンを受け取れません。
console-enable = 有効にする
console-enable-heading = { $username } を有効にしますか？
console-enable-effect = ユーザーは再びサインインでき、接続されたアプリは再びトークンを受け取ります。
console-delete-user = アカウントを削除
console-delete-user-heading = { $username } を削除しますか？
console-user-grants-end =
    { $count ->
        [0] アクセスを失うアプリはありません。
       *[other] アプリへの許可 { $count } 件が終わります。
    }
console-delete-user-effect = アカウントと、それに関するすべてが削除されます。元に戻せません。

console-reason = 監査ログに残す理由（任意）
console-keep = このままにする
console-refused = 何も変更されませんでした
console-changed = 表示した後に変更されています。もう一度見てから決めてください。
console-partly = まだすべてのユーザーは切断されていません
console-disconnected-partly = ユーザー { $count } 人が切断され、残りはまだです。アプリをもう一度見て、続けてください。
console-last-administrator = 管理者が1人も残らなくなります。先に別のユーザーを管理者にしてください。
console-command-line = これはコマンドラインでのみ変更できます。
console-no-secret = このアプリにはシークレットがありません。
console-meanwhile = 最近の変更
console-look-again = もう一度見る
console-new-secret = 新しいシークレット
console-secret-once = 表示されるのは今だけです。アプリが読む場所だけに保管してください。
console-secret-kept = 保管しました
console-approved-now = アプリが承認されました。
console-disconnected-now = すべてのユーザーが切断されました。
console-deleted-app = アプリが削除されました。
console-deleted-user = アカウントが削除されました。
