error-code = コード
error-description = アプリの開発者向け
error-request-id = 参照番号

interrupted-continue = 続ける
interrupted-expired = ページが長く開いたままでした
interrupted-expired-advice = 安全のため、このページはもう使えません。何も渡しておらず、何も失われていません。元のところから続けてください。
interrupted-answered = すでに回答済みです
interrupted-answered-advice = 別のタブで回答したか、このページに戻ってきたようです。二重に処理されたものはありません。
interrupted-cookie = ブラウザーがCookieを送りませんでした
interrupted-cookie-advice = このサーバーはCookieでブラウザーを見分けますが、届きませんでした。Cookieを拒否している場合は、このアドレスに許可してから続けてください。
interrupted-gone = この要求はもう待っていません
interrupted-over-advice = 期限が切れたか、別のタブで終わりました。何も渡しておらず、何も失われていません。続けると最初から始まります。
interrupted-gone-advice = 期限が切れたか、終わっています。アプリをもう一度開いて、そこから始めてください。
interrupted-gone-advice-app = 期限が切れたか、終わっています。{ $app }に戻って、そこから始めてください。

error-request = このリンクは使えません
error-request-advice = アプリの要求に、このサーバーは答えられません。何も渡していません。アプリの開発者に知らせてください。
error-fault = サーバーに問題が起きました
error-fault-advice = あなたのせいではありません。しばらくしてからもう一度試してください。続く場合は、下の参照番号をお知らせください。
error-not-found = ページがありません
error-not-found-advice = アドレスが間違っているか、ページが移動した可能性があります。
error-busy = 混み合っています
error-busy-advice = サーバーが処理しきれません。数秒後にもう一度試してください。
