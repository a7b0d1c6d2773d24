consent-heading = 「{ $app }」がアクセスを求めています
consent-heading-difference = 「{ $app }」が新しい許可を求めています
consent-heading-nothing-new = 「{ $app }」が許可済みの内容をもう一度求めています
consent-lead = 許可しない項目のチェックを外してください。
consent-lead-difference = 新しい項目が先に表示されます。チェックを外した項目は使えなくなります。
consent-lead-nothing-new = 新しい項目はありません。チェックを外した項目は使えなくなります。
consent-app-website = ウェブサイト: { $host }
consent-app-privacy = { $app }のプライバシーポリシー
consent-app-terms = { $app }の利用規約
consent-contact = 連絡先: { $contact }
consent-verified = { $product }が承認したアプリ
consent-unverified = 未確認: 開発者が自分で登録したアプリで、{ $product }は確認していません
consent-described-at = 未確認: { $host }のアプリで、{ $product }は確認していません
consent-first-seen = { $product }への登録日: { $date }
consent-organization = 運営者: { $organization }
consent-organization-unverified = 運営者（アプリの説明、未確認）: { $organization }
consent-users =
    { $count ->
        [0] ここではまだ誰も使っていません
       *[other] ここでは{ $number }人が使っています
    }
consent-look-alike-heading = 思っているアプリではないかもしれません
consent-look-alike-users = ここで{ $number }人が使っている「{ $name }」（{ $host }）ではありません。
consent-look-alike-host = 「{ $name }」（{ $host }）ではありません。
consent-look-alike = 「{ $name }」ではありません。
consent-look-alike-leads = 許可すると{ $host }へ移動します。
consent-look-alike-native = この端末のプログラムです。
consent-leads-to = 移動先
consent-returns-to = 戻り先
consent-native = この端末のプログラム
consent-account = アカウント
consent-another-account = アカウント変更
consent-group = { $server }で許可する内容
consent-required = 必須: これがないとアプリは動きません。
consent-required-reason = 必須。{ $app }の説明:「{ $reason }」
consent-meaning = 詳しく
consent-cannot = このアプリにできないこと
consent-cannot-entry = { $server }: { $scope }
consent-cannot-rest = このページにないこと、チェックしていないことのすべて
consent-cannot-more = ほかに{ $count }件
consent-duration = いつまで許可しますか?
consent-duration-once = 今回だけ
consent-duration-once-ends = 長くても{ $duration }
consent-duration-ends = { $date }まで
consent-duration-30-days = 30日間
consent-duration-until-revoked = 自分で取り消すまで
consent-duration-idle-ends = { $duration }使わなければ終わります
consent-duration-now = 前に許可した内容は{ $date }に終わります。ここで選ぶ期間に変わります。
consent-duration-now-open = 前に許可した内容は自分で取り消すまで続きます。ここで選ぶ期間に変わります。
consent-away-optional = { $product }からログアウトすると、アプリのアクセスは終わります。「ログアウト後もアクセスを続ける」をチェックした場合は続きます。
consent-away-ends = { $product }からログアウトすると、アプリのアクセスは終わります。
consent-away-implicit = { $product }からログアウトしても、アプリのアクセスは続きます。
consent-away-own = { $product }からログアウトしても、アプリはこの端末で接続されたままです。「ログイン中の場所」で終わらせることができます。
consent-deny-nothing = 拒否すると、{ $app }には何も渡りません。
consent-deny-keeps = 拒否しても、{ $date }に{ $app }に許可した内容はそのままです。
consent-approve = 許可
consent-deny = 拒否
consent-change-later = いつでも変更や取り消しができます:

risk-low = リスク低
risk-moderate = リスク中
risk-elevated = リスクやや高
risk-high = リスク高

scope-new = 新規
scope-already-allowed = 許可済み
scope-reworded = 許可済み（説明が変わりました）
scope-changed = 許可した後に内容が変わりました
scope-declined-before = 前回は拒否

scope-openid = 本人だと認識する
scope-openid-consequence = ログインのたびに同じ人だとアプリにわかります。
scope-profile = プロフィールを見る
scope-profile-consequence = 名前、写真、性別、誕生日、言語など、入力してある内容をアプリが見られます。
scope-email = メールアドレスを見る
scope-email-consequence = アプリがあなたにメールを送れるようになり、確認済みのアドレスかどうかもわかります。
scope-address = 住所を見る
scope-address-consequence = 住んでいる場所や配送先がアプリにわかります。
scope-phone = 電話番号を見る
scope-phone-consequence = アプリがあなたに電話やメッセージを送れるようになり、確認済みの番号かどうかもわかります。
scope-offline-access = ログアウト後もアクセスを続ける
scope-offline-access-consequence = 使っていないときやログアウトした後も、ここで許可した内容をアプリが使えます。

denied-heading = { $app }には何も渡していません
denied-advice = このページを閉じてかまいません。アプリに戻ると、拒否したことだけが伝わります。
denied-still-allowed = { $date }に{ $app }に許可した内容はそのままです。
denied-back = { $app }に戻る

navigate-allowed = { $app }を許可しました
navigate-signed-in = ログインしました
navigate-taking-you = { $host }へ移動します。
navigate-opening = この端末の{ $app }を開きます。
navigate-continue = 今すぐ移動
form-post-heading = { $app }に戻ります
