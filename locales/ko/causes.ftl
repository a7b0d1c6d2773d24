# What each cause of a refusal means and how to fix it, for developers of apps: one text per id in
# crates/writ-core/src/vocabulary/cause.rs.

errors-heading = 오류의 뜻
errors-lead = 이 서버가 요청을 거부할 때는 항상 원인이 있으며, 원인의 id는 바뀌지 않습니다. 운영자는 서버 로그와 “writ client failures” 명령으로 기대한 값과 실제 값을 볼 수 있습니다.
errors-all = 모든 원인
errors-search = id, 코드, 설명에서 찾기
errors-search-submit = 찾기
errors-none = 입력한 말이 들어 있는 원인이 없습니다.

## Causes that are known only by their error code

cause-invalid_request = 요청이 유효하지 않습니다. 이유는 설명에 적혀 있습니다.
cause-invalid_client = 클라이언트를 인증하지 못했습니다. 인증 방식과 자격 증명을 등록된 내용과 비교하세요.
cause-invalid_grant = 코드나 토큰이 유효하지 않거나 이 클라이언트의 것이 아닙니다. 인가를 처음부터 다시 시작하세요.
cause-unauthorized_client = 클라이언트에 등록되지 않은 요청입니다. 그랜트 유형을 등록하거나 다른 유형을 사용하세요.
cause-unsupported_grant_type = 지원하지 않는 그랜트 유형입니다. 지원하는 유형은 메타데이터의 grant_types_supported 항목에 있습니다.
cause-unsupported_response_type = 응답 유형은 code만 지원합니다. PKCE를 적용한 인가 코드 방식을 사용하세요.
cause-invalid_scope = 스코프를 알 수 없거나, 형식이 잘못되었거나, 클라이언트에 등록되지 않았습니다. 전체 목록은 메타데이터의 scopes_supported 항목에 있습니다.
cause-invalid_target = 리소스를 알 수 없거나 요청한 스코프의 소유자가 아닙니다. 한 번에 한 리소스 서버의 스코프만 요청하세요.
cause-access_denied = 사용자 또는 서버가 요청을 거부했습니다. 정상적인 응답입니다. 사용자에게 알리고 다시 시도할 수 있게 하세요.
cause-server_error = 서버에 문제가 생겼습니다. 자세한 내용은 서버 로그에 있습니다. 나중에 다시 시도하세요.
cause-temporarily_unavailable = 서버에 요청이 너무 많거나 서버를 일시적으로 사용할 수 없습니다. Retry-After에 적힌 초가 지난 뒤 다시 시도하세요.
cause-login_required = prompt=none이라 페이지를 보여 줄 수 없는데, 로그인한 사용자가 없거나, 로그인한 지 너무 오래되었거나, 요청한 사용자와 다른 사용자가 로그인해 있습니다. prompt=none 없이 다시 요청하세요.
cause-consent_required = prompt=none이라 페이지를 보여 줄 수 없는데, 사용자가 아직 모두 허용하지 않았습니다. prompt=none 없이 다시 요청하세요.
cause-unmet_authentication_requirements = 이 서버가 지원하지 않는 인증 방식을 필수로 요청했습니다. 지원하는 방식은 메타데이터의 acr_values_supported 항목에 있습니다.
cause-invalid_request_object = 요청 객체가 유효하지 않습니다. 등록된 키로 서명하고, iss에는 client_id를, aud에는 발급자 식별자를 넣고, 만료되지 않았는지 확인하세요.
cause-invalid_request_uri = request_uri가 만료되었거나, 이미 사용되었거나, 다른 클라이언트의 것입니다. 1분 동안 응답 한 번에만 쓸 수 있으니, 브라우저를 리디렉션하기 직전에 푸시하세요.
cause-registration_not_supported = registration 매개변수는 지원하지 않습니다. 클라이언트를 미리 등록하세요.
cause-invalid_token = 이 서버가 발급한 액세스 토큰이 아니거나, 형식이 잘못되었거나, 이 엔드포인트에 쓸 수 없는 토큰입니다. 새 토큰을 받으세요.
cause-insufficient_scope = 액세스 토큰에 필요한 스코프가 없습니다. 응답에 적힌 스코프를 사용자에게 요청한 뒤 새 토큰을 사용하세요.
cause-authorization_pending = 사용자가 아직 결정하지 않았습니다. 기기 인가 응답에 적힌 간격으로 계속 확인하세요.
cause-slow_down = 기기가 너무 자주 확인하고 있습니다. 간격을 5초 늘리세요.
cause-expired_token = 기기 코드가 만료되었습니다. 새 코드를 요청하고 새 사용자 코드를 보여 주세요.
cause-invalid_authorization_details = 지원하는 authorization_details 유형이 없습니다. 스코프를 사용하세요.
cause-invalid_redirect_uri = 등록할 수 없는 redirect URI입니다. https 주소, 루프백 주소, 또는 도메인을 거꾸로 쓴 앱 고유 스킴이어야 하며, 프래그먼트나 와일드카드가 있으면 안 됩니다.
cause-invalid_client_metadata = 클라이언트 메타데이터의 항목 하나가 형식이 잘못되었거나, 지원되지 않거나, 다른 항목과 모순됩니다. 설명에 그 항목의 이름이 있습니다.
cause-unapproved_software_statement = 이 서버는 소프트웨어 진술서를 받지 않습니다. 진술서 없이 등록하세요.
cause-unsupported_token_type = 이 종류의 토큰은 취소할 수 없습니다.

## Any request

cause-parameter_missing = 필수 매개변수가 없거나 비어 있습니다. 어떤 매개변수인지는 설명에 적혀 있습니다.
cause-parameter_repeated = 같은 매개변수를 두 번 이상 보냈습니다. 쿼리나 폼에 한 번만 보내세요.
cause-parameters_malformed = 매개변수를 해석할 수 없습니다. 퍼센트 기호 뒤에 16진수 두 자리가 없거나, UTF-8이 아니거나, 제어 문자가 있거나, 데이터가 너무 많습니다. 라이브러리로 인코딩하세요.
cause-body_not_a_form = 본문은 application/x-www-form-urlencoded 형식의 폼이어야 하며 너무 길면 안 됩니다. JSON은 지원하지 않습니다.
cause-value_too_long = 값이 너무 길어서 서버에 저장할 수 없습니다. 값은 앱에 보관하고 짧은 참조만 보내세요.
cause-too_many_requests = 이 네트워크에서, 또는 전체 네트워크를 합쳐, 요청을 너무 많이 보냈습니다. Retry-After에 적힌 초만큼 기다리세요.

## Authorization requests

cause-client_unknown = 이 client_id의 클라이언트가 없습니다. 오타가 있는지, 다른 설치 환경의 id가 아닌지 확인하세요.
cause-client_disabled = 관리자가 이 서버에서 클라이언트의 사용을 중지했습니다. 다시 사용하게 할 때까지 코드와 토큰을 받지 못합니다. writ client enable CLIENT_ID 명령으로 다시 사용하게 합니다.
cause-redirect_uri_unregistered = 클라이언트에 등록되지 않은 redirect_uri입니다. 문자열 그대로 비교하므로 스킴, 호스트, 포트, 경로, 쿼리, 끝의 슬래시까지 같아야 합니다. 네이티브 앱은 루프백 주소의 포트만 바꿀 수 있습니다.
cause-response_mode_unsupported = 응답 모드는 query 또는 form_post여야 합니다.
cause-grant_type_unregistered = 클라이언트에 등록되지 않은 그랜트 유형입니다. grant_types 항목에 추가하세요.
cause-code_challenge_missing = PKCE가 필요합니다. code_challenge 값과 code_challenge_method=S256을 보내세요(RFC 7636). 기밀 클라이언트는 require_pkce로 등록되지 않았고 운영자가 tokens.require_pkce를 설정하지 않았다면 OpenID 요청에서 대신 nonce를 보낼 수 있습니다. 둘 다 보낼 수 없는 소프트웨어에는 writ client update CLIENT_ID --unbound 명령을 쓰세요.
cause-code_challenge_invalid = code_challenge는 code_verifier의 SHA-256 해시를 패딩 없는 base64url로 나타낸 43자여야 하고, code_challenge_method는 S256이어야 합니다. plain 방식은 받지 않습니다.
cause-nonce_missing = PKCE 없이 요청하는 클라이언트는 openid 스코프와 nonce를 보내거나 code_challenge를 보내야 합니다. 둘 다 보낼 수 없는 소프트웨어에는 writ client update CLIENT_ID --unbound 명령을 쓰세요.
cause-prompt_invalid = prompt에는 none, login, consent, select_account를 쓸 수 있으며 none은 단독으로만 쓸 수 있습니다.
cause-max_age_invalid = max_age는 숫자로만 적은 초여야 합니다.
cause-display_invalid = display는 page, popup, touch, wap 중 하나여야 합니다.
cause-claims_invalid = claims는 OpenID Connect Core 5.5절에 나온 형식의 JSON 객체여야 합니다.
cause-authorization_details_invalid = authorization_details는 각각 type이 있는 객체의 JSON 배열이어야 합니다(RFC 9396). 지원하는 유형이 없으니 스코프를 사용하세요.
cause-authorization_details_unsupported = 지원하는 authorization_details 유형이 없으며, 허용할 수 없는 것을 무시하지도 않습니다. 스코프를 사용하세요.
cause-id_token_hint_invalid = id_token_hint가 이 서버의 ID 토큰이 아니거나, 서명한 키가 삭제되었습니다. 만료된 ID 토큰은 받습니다.
cause-id_token_hint_foreign = id_token_hint가 다른 클라이언트에 발급된 것입니다. 이 클라이언트에 발급된 ID 토큰을 보내세요.
cause-push_required = 인가 요청을 푸시하도록 등록된 클라이언트입니다. 매개변수를 푸시 인가 요청 엔드포인트로 먼저 보내고, 브라우저로는 client_id와 request_uri만 보내세요(RFC 9126).
cause-request_uri_pushed = 푸시하는 요청에는 매개변수가 직접 들어 있습니다. request_uri를 빼세요.
cause-request_uri_unregistered = 클라이언트에 등록되지 않은 request_uri입니다. request_uris에 추가하세요. 프래그먼트는 달라도 됩니다.
cause-request_uri_unreachable = request_uri에서 요청 객체를 가져올 수 없습니다. https로 5초 안에, 리디렉션 없이, 상태 코드 200과 64 KiB 이하로 응답해야 합니다.
cause-metadata_document_unusable = client_id가 URL이지만 그곳에 유효한 클라이언트 메타데이터가 없습니다. client_id가 같은 JSON을 상태 코드 200으로, 리디렉션과 비밀 값 없이 제공해야 합니다. 어긴 규칙은 설명에 적혀 있습니다.

## Scopes and resources

cause-scope_missing = 스코프를 요청하지 않았고, 클라이언트와 지정한 리소스에 기본 스코프도 없습니다. scope 매개변수를 보내세요.
cause-scope_malformed = 스코프는 공백 하나로 구분하며, 이름에 따옴표나 역슬래시, ASCII가 아닌 문자를 쓸 수 없습니다.
cause-scope_unknown = 이 스코프를 가진 리소스 서버가 없습니다. 전체 목록은 메타데이터의 scopes_supported 항목에 있습니다.
cause-scope_unregistered = 있는 스코프이지만 클라이언트에 등록되지 않았습니다. 클라이언트의 scope 항목에 추가하거나 요청에서 빼세요.
cause-scope_of_user = 사용자에 관한 스코프인데 클라이언트가 자기 자신을 위해 요청했습니다. 인가 코드 방식을 사용하세요.
cause-scope_widened = 새 토큰은 바탕이 되는 토큰보다 많은 것을 허용할 수 없습니다. 허용된 스코프 안에서 요청하거나 인가를 처음부터 다시 시작하세요.
cause-resource_unknown = 이 audience의 리소스 서버가 없습니다. 등록된 식별자를 그대로 보내세요.
cause-resource_ambiguous = 토큰은 한 리소스 서버에서만 쓸 수 있는데, 요청한 스코프가 다른 서버의 것이거나 여러 서버에 걸쳐 있습니다. 따로 요청하세요.
cause-resource_not_granted = 허용된 리소스가 아닙니다. 다른 리소스의 토큰을 받으려면 인가를 따로 받으세요.
cause-resource_missing = 여러 API가 허용되었습니다. 액세스 토큰은 그중 하나에만 쓰이므로 토큰 요청의 resource에 이름을 적으세요.
cause-group_required = 클라이언트나 필수 스코프가 일부 그룹에만 열려 있는데, 사용자가 그 그룹에 속해 있지 않습니다. 사용자에게 알려 주세요. 관리자가 writ group add 명령으로 사용자를 그룹에 넣을 수 있습니다.
cause-group_left = 클라이언트가 일부 그룹에만 열려 있는데, 사용자가 그 그룹에 없거나 그룹에서 빠졌습니다. 토큰을 지우세요. 관리자가 사용자를 다시 그룹에 넣으면 리프레시 토큰을 다시 쓸 수 있습니다.
cause-acr_demanded = 클라이언트나 사용자가 속한 그룹이, 사용자가 허용할 때보다 강한 인증(acr)을 요구합니다. 토큰을 지우고 인가 요청을 시작하세요. 사용자는 두 번째 인증 수단을 요청받습니다.

## Client authentication

cause-client_authentication_failed = 클라이언트를 인증하지 못했습니다. client_id, 인증 방식, 비밀 값이나 키를 등록된 내용과 비교하세요. 어떤 클라이언트가 있는지 드러나지 않도록 응답에는 더 적지 않으며, 자세한 원인은 서버 로그에 있습니다.
cause-client_not_found = 이 client_id의 클라이언트가 없습니다. 응답에는 적지 않고 로그에만 남깁니다.
cause-client_auth_method_wrong = 등록된 token_endpoint_auth_method와 다른 방식으로 인증했습니다. 라이브러리가 방식을 스스로 고르기도 하니 명시적으로 설정하세요.
cause-client_secret_wrong = 클라이언트의 비밀 값이 아닙니다. 교체한 뒤에는 바로 전의 값도 다음 교체 때까지 쓸 수 있습니다. Basic 헤더에서는 두 값을 각각 폼 인코딩한 뒤 합쳐야 합니다.
cause-public_client_refused = 인증된 호출자만 토큰을 조회할 수 있습니다. 리소스 서버의 자격 증명을 사용하세요.
cause-client_assertion_untrusted = 클라이언트 어서션이 등록된 키로 서명되지 않았거나, 유형 또는 알고리즘이 허용되지 않습니다.
cause-client_assertion_invalid = 클라이언트 어서션이 규칙에 맞지 않습니다. iss와 sub는 client_id, aud는 발급자 식별자여야 하고, 한 시간 안에 만료되어야 하며, jti는 한 번만 쓸 수 있습니다. 어긴 규칙은 설명에 적혀 있습니다.
cause-client_keys_unreachable = 클라이언트의 jwks_uri에서 키 집합을 가져올 수 없습니다. https로 5초 안에, 리디렉션 없이, 상태 코드 200과 64 KiB 이하로 응답해야 합니다.
cause-client_unnamed = 어떤 클라이언트의 요청인지 알 수 없습니다. Basic 헤더, 클라이언트 어서션, client_id 중 하나를 보내세요.
cause-authorization_header_malformed = Authorization 헤더의 형식이 잘못되었습니다. Basic 뒤에, 각각 폼 인코딩한 client_id와 비밀 값을 콜론으로 이어 base64로 보내세요.
cause-several_auth_methods = 두 가지 이상의 방식으로 인증했습니다. 하나만 사용하세요.
cause-client_id_contradicted = 폼의 client_id가 자격 증명의 client_id와 다릅니다. 빼거나 같은 값을 보내세요.

## Codes

cause-code_invalid = 이 클라이언트가 사용할 수 있는 코드가 아닙니다. 코드를 바꾸지 말고, 발급한 서버에, 요청한 클라이언트로 보내세요.
cause-code_foreign = 다른 클라이언트에 발급된 코드입니다. 응답에는 적지 않고 로그에만 남깁니다.
cause-code_revoked = 코드를 사용하기 전에 사용자가 연결을 끊었거나 계정이 비활성화되었습니다.
cause-code_expired = 코드가 만료되었습니다. 받은 코드는 대기열에 넣지 말고 바로 사용하고, 시계를 확인하세요.
cause-code_replayed = 이미 사용한 코드입니다. 누군가 복사했을 수 있어 이 코드로 발급한 것을 모두 취소했습니다. 앱이 요청을 되풀이한다면 이 요청은 되풀이하지 않게 하세요.
cause-code_redirect_uri_mismatch = 토큰 요청의 redirect_uri가 인가 요청의 redirect_uri와 다릅니다. 같은 문자열을 보내세요.
cause-code_verifier_mismatch = code_verifier가 code_challenge와 맞지 않습니다. 인가 요청마다 verifier를 하나씩 보관하고, 두 탭의 값을 섞지 마세요.
cause-code_verifier_invalid = code_verifier가 없거나, 형식이 잘못되었거나, code_challenge 없이 보냈습니다. A-Z a-z 0-9 - . _ ~ 문자로 43자에서 128자까지입니다.

## Refresh tokens, devices, delegation

cause-refresh_token_invalid = 이 클라이언트가 사용할 수 없는 리프레시 토큰이거나, 더 이상 유효하지 않습니다. 인가를 처음부터 다시 시작하세요.
cause-refresh_token_foreign = 다른 클라이언트에 발급된 리프레시 토큰입니다. 응답에는 적지 않고 로그에만 남깁니다.
cause-grant_ended = 허용이 끝났습니다. 오랫동안 쓰지 않았거나, 기한이 지났거나, 사용자가 연결을 끊었거나, 계정이 비활성화되었습니다.
cause-session_ended = 이 허용이 연결된 세션이 끝났습니다. 사용자가 로그아웃했거나 세션이 만료되었습니다. 인가를 처음부터 다시 시작하거나, 사용자가 없을 때도 앱이 동작해야 한다면 offline_access를 요청하세요.
cause-refresh_token_replayed = 이미 교체된 리프레시 토큰인데 그다음 토큰도 사용되었습니다. 두 곳에서 가지고 있으므로 허용을 취소했습니다. 새 액세스 토큰을 쓰기 전에 새 리프레시 토큰을 저장하고, 한 번에 한 곳에서만 갱신하세요.
cause-token_foreign = 다른 클라이언트에 발급된 토큰입니다. 발급받은 클라이언트만 취소할 수 있습니다.
cause-device_code_invalid = 이 클라이언트가 사용할 수 있는 기기 코드가 아니거나, 이미 사용한 코드입니다.
cause-subject_token_invalid = subject_token이 유효하지 않거나 이 서버가 발급한 해당 종류의 토큰이 아닙니다. 만료되었거나, 취소되었거나, 다른 클라이언트에 발급되었거나, 다른 종류의 토큰입니다.
cause-token_type_unsupported = 액세스 토큰만 액세스 토큰으로 교환할 수 있습니다. 행위자는 인증한 클라이언트이므로 actor_token은 받지 않습니다.
cause-delegation_not_allowed = subject_token을 가진 클라이언트의 may_act 항목에 이 클라이언트가 없거나, 위임 단계가 너무 많습니다.
cause-assertion_untrusted = assertion이 신뢰하는 ID 제공자가 서명한 ID 어설션(ID-JAG)이 아닙니다. 운영자는 identity_assertions.trusted_issuers에 신뢰하는 발급자를 적습니다.
cause-assertion_invalid = assertion의 클레임이 없거나 잘못되었거나, 이미 사용한 assertion입니다. error_description에 이유가 있습니다. ID 제공자에 새 어설션을 요청하세요.
cause-assertion_subject_unknown = assertion의 subject는 이 서버의 활성 사용자가 아닙니다. 관리자는 writ user link로 사용자를 연결할 수 있습니다.
cause-assertion_not_allowed = 이 클라이언트가 이 audience용 ID 어설션을 요청하도록 허용한 관리자가 없습니다. 운영자는 identity_assertions.allowed에 클라이언트를 적습니다.

## Access tokens

cause-access_token_expired = 액세스 토큰이 만료되었습니다. 갱신하세요.
cause-access_token_revoked = 액세스 토큰 또는 그 바탕이 되는 허용이 취소되었습니다. 갱신해 보고, 안 되면 인가를 처음부터 다시 시작하세요.

## 관리 API

cause-scope_administrative = 관리 API의 scope는 운영자가 명령줄에서 등록한 클라이언트만 가질 수 있고, 사용자는 가질 수 없습니다. 그 토큰은 교환할 수 없으며, 클라이언트는 관리용 클라이언트를 만들거나 바꿀 수 없습니다.
cause-object_unknown = 이 ID를 가진 것이 없거나, 이 경로에 해당하는 작업이 없습니다. 삭제되었을 수 있습니다.
cause-method_not_allowed = 이 경로에는 이 메서드를 쓰는 작업이 없습니다. 쓸 수 있는 메서드는 Allow 헤더에 있습니다.
cause-object_exists = 이 ID는 이미 쓰이고 있습니다. 다른 ID를 고르거나 기존 것을 바꾸세요.
cause-object_in_use = 사용자가 쓰고 있는 것이 없어집니다. 몇 명인지는 설명에 있습니다. 그래도 하려면 force=true를 붙여 다시 요청하세요.
cause-key_too_recent = 다음 서명 키가 너무 최근에 공개되었거나 아직 없습니다. 리소스 서버가 아직 모를 수 있습니다. 설명에 있는 시간(초)만큼 기다리거나, 키가 유출되었다면 at_once를 보내세요.
cause-precondition_missing = 변경에는 읽은 버전의 ETag가 담긴 If-Match 헤더가 필요합니다(RFC 6585). 관리자 두 명이 서로의 변경을 덮어쓰지 않게 하기 위해서입니다.
cause-precondition_failed = If-Match가 가리키는 버전 이후에 변경되거나 삭제되었습니다. 다시 읽고 다시 결정하세요.
cause-idempotency_key_invalid = Idempotency-Key 헤더는 UUID 같은 255자 이하의 문자열 하나입니다. 따옴표는 있어도 되고 없어도 됩니다.
cause-idempotency_key_reused = 클라이언트가 하루 안에 이 Idempotency-Key를 다른 요청에 썼습니다. 아무것도 바뀌지 않았습니다. 변경마다 새 키를 고르고, 같은 변경을 다시 보낼 때만 그 키를 쓰세요.
cause-idempotency_key_busy = 같은 Idempotency-Key를 가진 요청이 동시에 있었고, 그중 하나만 변경합니다. 요청을 다시 보내면 그 응답을 받습니다.
cause-body_invalid = 본문은 이 작업의 멤버만 있는 JSON 객체여야 하며 16 KiB를 넘을 수 없습니다. 무엇이 잘못되었는지는 설명에 있습니다.
cause-query_invalid = 쿼리의 매개변수를 이 작업이 모르거나 값이 올바르지 않습니다. 이름은 설명에 있습니다.

## Logout

cause-post_logout_redirect_uri_unregistered = 클라이언트에 등록되지 않은 post_logout_redirect_uri입니다. 문자열 그대로 비교합니다.
