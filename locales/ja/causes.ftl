errors-heading = エラーの意味
errors-lead = このサーバーが拒否するときは必ず原因があり、そのidは変わりません。運用者はサーバーのログと「writ client failures」で、期待した値と実際の値を確認できます。
errors-all = すべての原因
errors-search = id、コード、語句で探す
errors-search-submit = 探す
errors-none = この語句を含む原因はありません。

cause-invalid_request = 要求が無効です。理由は説明にあります。
cause-invalid_client = クライアントを認証できませんでした。方式と資格情報を登録内容と比べてください。
cause-invalid_grant = コードまたはトークンが無効か、このクライアントのものではありません。認可をやり直してください。
cause-unauthorized_client = クライアントはこの要求に登録されていません。グラントタイプを登録するか、別のものを使ってください。
cause-unsupported_grant_type = このグラントタイプには対応していません。対応するものはメタデータのgrant_types_supportedにあります。
cause-unsupported_response_type = 対応する応答タイプはcodeだけです。PKCE付きの認可コードフローを使ってください。
cause-invalid_scope = スコープが不明か、形式が誤っているか、クライアントに登録されていません。すべてのスコープはメタデータのscopes_supportedにあります。
cause-invalid_target = リソースが不明か、スコープの所有者ではありません。一度にひとつのリソースサーバーのスコープを要求してください。
cause-access_denied = ユーザーまたはサーバーが拒否しました。正常な応答です。ユーザーに示し、もう一度試せるようにしてください。
cause-server_error = サーバーで問題が起きました。詳細はログにあります。後でもう一度試してください。
cause-temporarily_unavailable = サーバーが過負荷か、一時的に利用できません。Retry-Afterの秒数の後にもう一度試してください。
cause-login_required = prompt=noneではページを表示できませんが、ログイン中のユーザーがいないか、認証が古いか、別のユーザーです。prompt=noneなしで送ってください。
cause-consent_required = prompt=noneではページを表示できませんが、ユーザーがまだすべてを許可していません。prompt=noneなしで送ってください。
cause-unmet_authentication_requirements = このサーバーが対応していない認証方式が必須とされています。対応するものはメタデータのacr_values_supportedにあります。
cause-invalid_request_object = リクエストオブジェクトが無効です。登録した鍵で署名し、issをclient_id、audを発行者識別子とし、期限を確認してください。
cause-invalid_request_uri = request_uriは期限切れか、使用済みか、別のクライアントのものです。1分間、1回の応答に有効です。リダイレクトの直前にプッシュしてください。
cause-registration_not_supported = パラメーターregistrationには対応していません。クライアントを事前に登録してください。
cause-invalid_token = アクセストークンはこのサーバーのものではないか、形式が誤っているか、このエンドポイントのものではありません。新しいトークンを取得してください。
cause-insufficient_scope = アクセストークンにスコープが足りません。チャレンジにあるスコープをユーザーに要求し、新しいトークンを使ってください。
cause-authorization_pending = ユーザーはまだ決めていません。デバイス認可応答の間隔で確認を続けてください。
cause-slow_down = 端末の確認が頻繁すぎます。間隔を5秒延ばしてください。
cause-expired_token = デバイスコードの期限が切れました。新しいコードを要求して表示してください。
cause-invalid_authorization_details = このサーバーが対応するauthorization_detailsの種類はありません。スコープを使ってください。
cause-invalid_redirect_uri = リダイレクトURIを登録できません。https、ループバックアドレス、または逆ドメイン形式の独自スキームで、フラグメントやワイルドカードのないものにしてください。
cause-invalid_client_metadata = クライアントメタデータの項目の形式が誤っているか、対応していないか、ほかの項目と矛盾します。項目名は説明にあります。
cause-unapproved_software_statement = このサーバーはソフトウェアステートメントを受け付けません。なしで登録してください。
cause-unsupported_token_type = この種類のトークンは取り消せません。

cause-parameter_missing = 必須のパラメーターがないか、空です。名前は説明にあります。
cause-parameter_repeated = パラメーターが複数回送られました。クエリーまたはフォームで1回だけ送ってください。
cause-parameters_malformed = パラメーターを復号できません。16進数2桁のないパーセント記号、無効なUTF-8、制御文字、または多すぎるデータです。ライブラリーで符号化してください。
cause-body_not_a_form = 本文はapplication/x-www-form-urlencodedのフォームで、長すぎないものにしてください。JSONには対応していません。
cause-value_too_long = 値が長すぎて保存できません。アプリに保存し、短い参照を送ってください。
cause-too_many_requests = このネットワーク、またはすべてのネットワークの合計で、要求が多すぎます。Retry-Afterの秒数だけ待ってください。

cause-client_unknown = このclient_idのクライアントはありません。打ち間違いか、別の環境のidでないか確認してください。
cause-client_disabled = 管理者がこのサーバーでクライアントを無効にしました。再び有効にするまで、コードもトークンも受け取れません: writ client enable CLIENT_ID
cause-redirect_uri_unregistered = クライアントはこのredirect_uriを登録していません。文字列として比べるので、スキーム、ホスト、ポート、パス、クエリー、末尾のスラッシュまで同じにしてください。ネイティブアプリはループバックアドレスのポートだけを変えられます。
cause-response_mode_unsupported = 応答モードはqueryまたはform_postにしてください。
cause-grant_type_unregistered = クライアントはこのグラントタイプを登録していません。grant_typesに追加してください。
cause-code_challenge_missing = PKCEが必要です。code_challengeとcode_challenge_method=S256を送ってください（RFC 7636）。機密クライアントは、require_pkceで登録されておらず運営者がtokens.require_pkceを設定していなければ、OpenIDの要求で代わりにnonceを送れます。どちらも送れないソフトウェアには writ client update CLIENT_ID --unbound を使います。
cause-code_challenge_invalid = code_challengeはcode_verifierのSHA-256ハッシュをパディングなしのbase64urlで表した43文字、code_challenge_methodはS256にしてください。plainは受け付けません。
cause-nonce_missing = PKCEを省けるクライアントは、スコープopenidを要求してnonceを送るか、code_challengeを送ってください。どちらも送れないソフトウェアには writ client update CLIENT_ID --unbound を使います。
cause-prompt_invalid = パラメーターpromptはnone、login、consent、select_accountの並びです。noneは単独にしてください。
cause-max_age_invalid = パラメーターmax_ageは数字だけの秒数にしてください。
cause-display_invalid = パラメーターdisplayはpage、popup、touch、wapのいずれかにしてください。
cause-claims_invalid = パラメーターclaimsはOpenID Connect Core 5.5節のJSONオブジェクトにしてください。
cause-authorization_details_invalid = パラメーターauthorization_detailsは、それぞれtypeを持つオブジェクトのJSON配列にしてください（RFC 9396）。対応する種類はありません。スコープを使ってください。
cause-authorization_details_unsupported = 対応するauthorization_detailsの種類はなく、与えられないものを無視もしません。スコープを使ってください。
cause-id_token_hint_invalid = id_token_hintはこのサーバーのIDトークンではないか、鍵が削除されています。期限切れのIDトークンは使えます。
cause-id_token_hint_foreign = id_token_hintは別のクライアントに発行されたものです。このクライアントのIDトークンを送ってください。
cause-push_required = このクライアントは認可要求をプッシュするよう登録されています。パラメーターをプッシュ用エンドポイントに送り、ブラウザーではclient_idとrequest_uriだけを送ってください（RFC 9126）。
cause-request_uri_pushed = プッシュする要求にはパラメーターが入っています。request_uriを省いてください。
cause-request_uri_unregistered = クライアントはこのrequest_uriを登録していません。request_urisに追加してください。フラグメントは違ってもかまいません。
cause-request_uri_unreachable = request_uriからリクエストオブジェクトを取得できません。httpsで5秒以内に、リダイレクトなしで、ステータス200、64 KiB以下で応答してください。
cause-metadata_document_unusable = client_idのURLに有効なクライアントメタデータがありません。同じclient_idのJSONを、ステータス200、リダイレクトなし、秘密なしで返してください。規則は説明にあります。

cause-scope_missing = 要求にスコープがなく、クライアントにも指定されたリソースにも既定のスコープがありません。パラメーターscopeを送ってください。
cause-scope_malformed = スコープはひとつの空白で区切ります。名前に引用符、バックスラッシュ、ASCII以外の文字は使えません。
cause-scope_unknown = このスコープを持つリソースサーバーはありません。すべてのスコープはメタデータのscopes_supportedにあります。
cause-scope_unregistered = スコープはありますが、クライアントに登録されていません。クライアントのscopeに追加するか、要求しないでください。
cause-scope_of_user = ユーザーに関するスコープですが、クライアントは自分のために動いています。認可コードフローを使ってください。
cause-scope_widened = 新しいトークンは元のトークンより多くを許可できません。許可されたスコープ以内で要求するか、認可をやり直してください。
cause-resource_unknown = このaudienceのリソースサーバーはありません。登録された識別子をそのまま送ってください。
cause-resource_ambiguous = トークンはひとつのリソースサーバー用ですが、スコープはresourceの示すものとは別の、または複数のサーバーのものです。別々に要求してください。
cause-resource_not_granted = リソースは許可されていません。別のリソースのトークンには別の認可が必要です。
cause-resource_missing = 複数のAPIが許可されています。アクセストークンはそのひとつ用です。トークン要求のresourceで指定してください。
cause-group_required = クライアント、または必須のスコープが一部のグループだけに公開されていて、ユーザーはそのグループに入っていません。ユーザーに示してください。管理者はwrit group addでユーザーをグループに追加できます。
cause-group_left = クライアントが一部のグループだけに公開されていて、ユーザーはそのグループに入っていないか、外れました。トークンを削除してください。管理者がユーザーをグループに戻すと、リフレッシュトークンはまた使えます。
cause-acr_demanded = クライアントまたはユーザーのグループが、ユーザーが許可したときよりも強い認証（acr）を求めています。トークンを削除し、認可リクエストを始めてください。ユーザーは二つ目の要素を求められます。

cause-client_authentication_failed = クライアントを認証できませんでした。client_id、方式、秘密または鍵を登録内容と比べてください。どのクライアントがあるかを明かさないよう、応答にはこれ以上書きません。サーバーのログにはあります。
cause-client_not_found = このclient_idのクライアントはありません。応答には書かず、ログに書きます。
cause-client_auth_method_wrong = 登録されたtoken_endpoint_auth_methodとは別の方式で認証しました。自動で選ぶライブラリーもあります。設定してください。
cause-client_secret_wrong = クライアントの秘密ではありません。交換の後も、ひとつ前の秘密は次の交換まで有効です。Basicヘッダーでは両方をまずフォーム符号化します。
cause-public_client_refused = トークンを調べられるのは認証された呼び出し元だけです。リソースサーバーの資格情報を使ってください。
cause-client_assertion_untrusted = クライアントアサーションが登録された鍵で署名されていないか、種類かアルゴリズムが許可されていません。
cause-client_assertion_invalid = クライアントアサーションが規則に反しています。issとsubはclient_id、audは発行者識別子、期限は1時間以内、jtiは新しいものです。規則は説明にあります。
cause-client_keys_unreachable = クライアントのjwks_uriから鍵を取得できません。httpsで5秒以内に、リダイレクトなしで、ステータス200、64 KiB以下で応答してください。
cause-client_unnamed = 要求にクライアントがありません。Basicヘッダー、クライアントアサーション、またはclient_idを送ってください。
cause-authorization_header_malformed = Authorizationヘッダーの形式が誤っています。Basicに続けて、それぞれフォーム符号化したclient_idと秘密をコロンでつなぎ、base64にしてください。
cause-several_auth_methods = 要求に複数の認証方式があります。ひとつにしてください。
cause-client_id_contradicted = フォームのclient_idが資格情報と違います。省くか、同じ値を送ってください。

cause-code_invalid = このクライアントはコードを引き換えられません。変更せずに、発行したサーバーへ、要求したクライアントで送ってください。
cause-code_foreign = コードは別のクライアントに発行されました。応答には書かず、ログに書きます。
cause-code_revoked = コードを引き換える前に許可が取り消されたか、アカウントが無効になりました。
cause-code_expired = コードの期限が切れました。すぐに引き換え、時計を確認してください。
cause-code_replayed = コードは引き換え済みです。コピーされた可能性があるため、このコードから発行したものをすべて取り消しました。アプリが要求を繰り返す場合は、この要求を繰り返さないようにしてください。
cause-code_redirect_uri_mismatch = トークン要求のredirect_uriが認可要求と違います。同じ文字列を送ってください。
cause-code_verifier_mismatch = code_verifierがcode_challengeに合いません。認可要求ごとに保存し、ふたつのタブのものを混ぜないでください。
cause-code_verifier_invalid = code_verifierがないか、形式が誤っているか、先にcode_challengeがありませんでした。A-Z a-z 0-9 - . _ ~の43から128文字です。

cause-refresh_token_invalid = このクライアントはリフレッシュトークンを使えないか、使えなくなりました。認可をやり直してください。
cause-refresh_token_foreign = リフレッシュトークンは別のクライアントに発行されました。応答には書かず、ログに書きます。
cause-grant_ended = 許可が終わりました。長く使われなかったか、期限が来たか、ユーザーが取り消したか、アカウントが無効になりました。
cause-session_ended = この許可が結び付いていたセッションが終わりました。ユーザーがログアウトしたか、期限が切れました。認可をやり直すか、ユーザーがいない間も動く必要があればoffline_accessを要求してください。
cause-refresh_token_replayed = リフレッシュトークンは交換され、後継が使われました。ふたつの相手が持っているため、許可を取り消しました。新しいアクセストークンを使う前に新しいリフレッシュトークンを保存し、一度にひとつの場所で更新してください。
cause-token_foreign = トークンは別のクライアントに発行されました。取り消せるのはそのクライアントだけです。
cause-device_code_invalid = このクライアントはデバイスコードを引き換えられないか、引き換え済みです。
cause-subject_token_invalid = subject_tokenは有効でないか、このサーバーの指定された種類のトークンではありません。期限切れか、取り消されたか、別のクライアントに発行されたか、別の種類のトークンです。
cause-token_type_unsupported = 交換できるのはアクセストークンどうしだけです。行為者は認証されたクライアントなので、actor_tokenはありません。
cause-delegation_not_allowed = subject_tokenを持つクライアントのmay_actにこのクライアントがないか、行為者の連なりが長すぎます。
cause-assertion_untrusted = assertionは、信頼されたIDプロバイダーが署名したIDアサーション（ID-JAG）ではありません。運営者はidentity_assertions.trusted_issuersに信頼する発行者を設定します。
cause-assertion_invalid = assertionのクレームが不足しているか誤っているか、すでに使われています。error_descriptionに理由があります。IDプロバイダーに新しいアサーションを要求してください。
cause-assertion_subject_unknown = assertionのsubjectは、このサーバーの有効なユーザーではありません。管理者はwrit user linkでユーザーを関連付けられます。
cause-assertion_not_allowed = このクライアントがこのaudience宛てのIDアサーションを要求することは許可されていません。運営者はidentity_assertions.allowedにクライアントを設定します。

cause-access_token_expired = アクセストークンの期限が切れました。更新してください。
cause-access_token_revoked = アクセストークンまたはその許可が取り消されました。更新を試し、できなければ認可をやり直してください。

cause-scope_administrative = 管理APIのscopeを持てるのは、運営者がコマンドラインで登録したクライアントだけで、ユーザーは持てません。そのトークンは交換できず、クライアントが管理用クライアントを作成または変更することもできません。
cause-object_unknown = このIDのものは存在しないか、このパスの操作がありません。削除された可能性があります。
cause-method_not_allowed = このパスにはこのメソッドの操作がありません。使えるメソッドはAllowヘッダーにあります。
cause-object_exists = このIDはすでに使われています。別のIDを選ぶか、既存のものを変更してください。
cause-object_in_use = ユーザーが使用中のものが失われます。人数は説明にあります。それでも実行するには、force=trueを付けて再度要求してください。
cause-key_too_recent = 次の署名鍵は公開されたばかりか、まだ存在しません。リソースサーバーがまだ知らない可能性があります。説明にある秒数だけ待つか、鍵が漏えいした場合はat_onceを送ってください。
cause-precondition_missing = 変更には、読み取った版のETagを持つIf-Matchヘッダーが必要です(RFC 6585)。二人の管理者が互いの変更を上書きしないためです。
cause-precondition_failed = If-Matchが示す版の後に変更または削除されました。もう一度読み取り、判断し直してください。
cause-idempotency_key_invalid = Idempotency-Keyヘッダーは、UUIDのような255文字以内の文字列一つです。引用符はあってもなくてもかまいません。
cause-idempotency_key_reused = クライアントは、このIdempotency-Keyを一日以内に別のリクエストで使いました。何も変更されていません。変更ごとに新しいキーを選び、同じ変更を再送するときだけそのキーを使ってください。
cause-idempotency_key_busy = 同じIdempotency-Keyのリクエストが同時にあり、そのうち一つだけが変更を行います。リクエストを再送すると、その応答を受け取れます。
cause-body_invalid = 本文は、この操作のメンバーだけを持つ16 KiB以下のJSONオブジェクトでなければなりません。誤りの内容は説明にあります。
cause-query_invalid = クエリのパラメーターをこの操作が知らないか、値が正しくありません。名前は説明にあります。

cause-post_logout_redirect_uri_unregistered = クライアントはこのpost_logout_redirect_uriを登録していません。文字列として比べます。
