console-groups-lead = アプリとスコープを一部のグループだけに開くことができます。グループはほかの1つのグループに入れます。
console-groups-none = グループはまだありません。
console-group-parent = 上位グループ
console-group-top = 上位グループなし
console-group-new = 新しいグループ
console-create = 作成
console-name-taken = この名前、ID、または対象はすでに使われています。別のものを選んでください。
console-name-invalid = この名前は使えません。長すぎるか、使えない文字があるか、予約されています。
console-group-not-nested = グループの入れ子は1段までです。上位グループが別のグループに入っているか、このグループに下位グループがあります。
console-group-in-use = このグループだけに開かれたものがあります。先にそれを変更してください。グループがなくなると、開かれるユーザーが減ります。
console-group-too-many = ユーザーが入っているグループが多すぎます。
console-user-not-found-here = このユーザー名、確認済みメールアドレス、または ID のユーザーはいません。
console-group-administrators = このグループのメンバーは管理者です。
console-group-uses = このグループに開かれたもの
console-group-uses-more = このグループに開かれているものは他にもあります。`writ group show` がすべて表示します。
console-group-nested = 下位グループ
console-group-members-heading = メンバー
console-group-members =
    { $count ->
        [0] メンバーはいません。
       *[other] メンバー { $count } 人
    }
console-group-members-many = メンバー { $number } 人以上
console-group-add-heading = メンバーを追加
console-group-add = 追加
console-group-remove = 外す
console-group-remove-one = { $username } を外す
console-group-remove-heading = { $group } から { $username } を外しますか？
console-group-remove-effect = このグループだけに開かれたものが、接続されたアプリも含めて、すぐにユーザーに閉じられます。
console-group-delete = グループを削除
console-group-delete-heading = { $group } を削除しますか？
console-group-leave =
    { $count ->
        [0] 抜けるユーザーはいません。
       *[other] ユーザー { $count } 人が抜けます。
    }
console-group-leave-many = { $number } 人を超えるユーザーが抜けます。
console-group-delete-effect = 下位グループは上位グループなしで残ります。トークンには現れなくなります。元に戻せません。

console-resources = API
console-resources-lead = このサーバーのトークンを受け付けるリソースサーバーと、そのスコープです。
console-resources-none = API はまだありません。
console-resource-id = ID
console-resource-new = 新しい API
console-name-english = 英語の名前
console-audience = 対象 (audience)
console-scope-count = スコープ
console-token-profile = アクセストークン
console-introspection = イントロスペクション
console-resource-secret = シークレットがあります。
console-resource-no-secret = シークレットはありません。
console-risk = リスク
console-risk-lead = リスクを上げると、ユーザーにもう一度尋ねます。
console-lint = 文言
console-lint-none = 良好
console-lint-count = 問題 { $count } 件
console-scope-new = 新しいスコープ
console-scope-new-lead = ほかの言語の文言は、スコープのページで入力します。
console-scope-name = 名前（例: message:read）
console-scope-sentence = 許可すること（英語）
console-scope-consequence = ユーザーへの結果（英語）
console-scope-sentence-short = 許可すること
console-scope-consequence-short = 結果
console-scope-default = 要求がスコープなしで API だけを指定したときに含める
console-words = 同意ページの文言
console-words-lead = 文言のない言語は空のままにします。英語は必要です。
console-words-invalid = 空の文言があるか、英語がありません。言語ごとに両方の文言が必要です。
console-audience-invalid = 対象はフラグメントのない絶対 URI で、このサーバーのものではないことが必要です。
console-save = 保存
console-finding-missing = この言語の文言がありません。
console-finding-no-consequence = 結果がありません。
console-finding-long-sentence = 文が { $count } 文字です。短くしてください。
console-finding-long-consequence = 結果が { $count } 文字です。短くしてください。
console-finding-no-verb = アプリが何をするかを言っていません。動詞で終えてください。
console-finding-reading-age = 結果を理解できるのは { $count } 歳からです。短い言葉を使ってください。
console-finding-many-words = 結果の1文が { $count } 語です。分けてください。
console-finding-nothing-new = 結果が文と同じことしか言っていません。
console-finding-others = リスクが高いのに、ほかの人が気づくことや、取り消せないことを言っていません。
console-finding-untranslated = { $language } の文言と同じです。翻訳してください。
console-finding-out-of-step = 結果の文の数が最初の言語と違います。
console-scopes-taken =
    { $grants ->
        [0] スコープを失う許可はありません。
       *[other] 許可 { $grants } 件がスコープを失います。
    }
console-scopes-taken-many = { $number } 件を超える許可がスコープを失います。
console-scope-delete = スコープを削除
console-scope-delete-heading = スコープ { $name } を削除しますか？
console-scope-delete-effect = すべてのアプリの登録から外れます。同じ名前で作り直しても別のスコープになり、ユーザーにもう一度尋ねます。元に戻せません。
console-resource-delete = API を削除
console-resource-delete-heading = { $name } を削除しますか？
console-resource-delete-effect = スコープも一緒に削除され、すべてのアプリの登録から外れます。シークレットは終わります。元に戻せません。
console-resource-rotate-heading = { $name } の新しいシークレットを作りますか？
console-resource-rotate-effect = 新しいシークレットは1回だけ表示されます。直前のものはすぐに終わり、新しいものを持つまで API はイントロスペクションを使えません。
console-group-edit = 名前または場所を変える
console-edit-lead = 何が変わるかは次のページで説明します。
console-continue = 続ける
console-group-edit-heading = { $group } を変更しますか？
console-group-rename-effect = グループの名前はこれから { $after } です。groups クレームで { $before } として知っているアプリは、新しいトークンではこのグループを認識しません。
console-group-rename-kept = このグループに開かれているものはそのままです。設定ファイルでは新しい名前を使う必要があります。
console-group-moves-out = メンバーは、このグループを通じては { $group } に属さなくなります。
console-group-moves-in = メンバーはこれから { $group } にも属します。
console-group-becomes-administrators = メンバーは管理者になります。すべてのアプリ、アカウント、グループ、鍵を変更でき、他の人を管理者にできます。
console-group-were-administrators = メンバーは、このグループを通じては管理者ではなくなります。
console-group-add-heading-one = { $username } を { $group } に追加しますか？
console-group-add-effect = このグループに開かれているものが、このユーザーに開かれます。
console-administrator-effect = このユーザーは管理者になり、すべてのアプリ、アカウント、グループ、鍵を変更し、監査ログを読み、他の人を管理者にできます。
console-administrator-factor = このコンソールは、2 段階認証をしたユーザーにだけ開きます。
console-group-unknown = この名前のグループが一つ見つかりません。名前はカンマで区切ってください。
console-resource-edit = 名前とトークン
console-resource-name-in = { $language } の名前
console-token-typ = アクセストークンの種類
console-token-groups = アクセストークンのグループ
console-token-lifetime = アクセストークンの有効期間(秒)
console-token-lifetime-invalid = トークンの有効期間は 1 秒から 86400 秒です。
console-token-default = サーバーの既定値
console-resource-edit-heading = { $name } を変更しますか？
console-resource-audience-effect = これからは { $after } 向けのトークンが発行されます。{ $before } 向けのものは更新されず、アプリは新しい対象を要求する必要があります。
console-resource-names-effect = アプリが許可を求めるとき、ユーザーには新しい名前が表示されます。
console-resource-tokens-effect = 新しいアクセストークンの形式: { $format }。API がこれを受け付ける必要があります。
console-scopes-held =
    { $grants ->
        [0] この API のスコープを持つ許可はありません。
       *[other] 許可 { $grants } 件がこの API のスコープを持っています。
    }
console-scopes-held-many = { $number } 件を超える許可がこの API のスコープを持っています。
console-scope-groups-lead = グループの名前をカンマで区切ります。名前がなければすべてのユーザーです。どのグループにもいないユーザーは、このスコープを含むトークンをこれ以上受け取れません。
console-scope-mfa = 2 段階認証でサインインしたユーザーだけが受け取れます
