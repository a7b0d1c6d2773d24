code-heading = コードを入力
code-app = 認証アプリのコード
code-recovery = リカバリーコード
code-either = 認証アプリのコード、またはリカバリーコード
code-trust = このブラウザーでは30日間たずねない
code-submit = 続ける
code-without = コードなしで元のアプリに進む
code-use-recovery = リカバリーコードを使う
code-use-app = 認証アプリを使う
code-wrong = コードが違うか、すでに使われています。認証アプリのコードは30秒ごとに変わります。
code-stale = このページが長い間開いたままでした。コードをもう一度入力してください。

factor-heading = 2段階ログイン
factor-see = 確認と変更
factor-what = パスワードのあとに、スマートフォンの認証アプリに表示されるコードを入力します。パスワードだけではログインできなくなります。
factor-set-up = 2段階ログインを設定
factor-app = 認証アプリ
factor-since = { $date }から
factor-remove = オフにする
factor-remove-heading = 2段階ログインをオフにしますか?
factor-remove-consequence = コードなしでログインできるようになります。リカバリーコードも使えなくなります。
factor-keep = このままにする
factor-codes = リカバリーコード
factor-codes-left =
    { $count ->
        [0] 残りなし
       *[other] 残り{ $count }個
    }
factor-new-codes = 新しいリカバリーコードを作る
factor-new-codes-consequence = これまでのコードは使えなくなります。
factor-browsers = 信頼するブラウザー
factor-trusted = { $count }個のブラウザーではコードをたずねません
factor-forget = すべてでたずねる

set-up-heading = 2段階ログインを設定
set-up-required = 続けるには2段階ログインが必要です。
set-up-scan = スマートフォンの認証アプリで、この画像を読み取ってください。
set-up-picture = 下に書かれたキーのQRコード
set-up-key = または、認証アプリにこのキーを入力してください。
set-up-code = いま認証アプリに表示されている6桁の数字
set-up-submit = オンにする
set-up-wrong = 認証アプリのコードが変わったか、スマートフォンの時計がずれています。いま表示されている数字を入力してください。

recovery-heading = リカバリーコード
recovery-set-up = 2段階ログインをオンにしました。
recovery-what = スマートフォンがないときは、コードひとつで一度だけログインできます。印刷するか書きとめて、スマートフォンとは別の場所に保管してください。表示されるのは今だけです。
recovery-whose = { $product }、{ $username }
recovery-kept = 保管しました

event-code-wrong =
    { $count ->
        [1] パスワードのあとに、間違ったコードが入力されました。心当たりがなければ、パスワードを変更してください。
       *[other] パスワードのあとに、間違ったコードが{ $count }回入力されました。心当たりがなければ、パスワードを変更してください。
    }
event-second-factor-set-up = 2段階ログインがオンになりました
event-second-factor-removed = 2段階ログインがオフになりました
event-second-factor-reset = 管理者が2段階ログインをオフにしました
event-recovery-code-used = リカバリーコードが使われました
event-recovery-codes-replaced = 新しいリカバリーコードが作られました
