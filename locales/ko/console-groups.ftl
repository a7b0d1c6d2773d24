console-groups-lead = 앱과 스코프를 일부 그룹에만 열 수 있습니다. 그룹은 다른 그룹 하나에 들어갈 수 있습니다.
console-groups-none = 아직 그룹이 없습니다.
console-group-parent = 상위 그룹
console-group-top = 상위 그룹 없음
console-group-new = 새 그룹
console-create = 만들기
console-name-taken = 이 이름, ID 또는 대상을 이미 쓰고 있습니다. 다른 것을 고르세요.
console-name-invalid = 쓸 수 없는 이름입니다. 너무 길거나, 다른 문자가 있거나, 예약되어 있습니다.
console-group-not-nested = 그룹은 한 단계만 넣을 수 있습니다. 상위 그룹이 다른 그룹에 있거나 이 그룹에 하위 그룹이 있습니다.
console-group-in-use = 이 그룹에만 열린 것이 있습니다. 먼저 그것을 바꾸세요. 그룹이 없으면 더 적은 사용자에게 열립니다.
console-group-too-many = 사용자가 너무 많은 그룹에 있습니다.
console-user-not-found-here = 이 사용자 이름, 확인된 이메일 주소 또는 ID의 사용자가 없습니다.
console-group-administrators = 이 그룹의 구성원은 관리자입니다.
console-group-uses = 이 그룹에 열린 것
console-group-uses-more = 이 그룹에 열린 것이 더 있습니다. `writ group show`가 모두 보여줍니다.
console-group-nested = 하위 그룹
console-group-members-heading = 구성원
console-group-members =
    { $count ->
        [0] 구성원이 없습니다.
       *[other] 구성원 { $count }명
    }
console-group-members-many = 구성원 { $number }명 이상
console-group-add-heading = 구성원 추가
console-group-add = 추가
console-group-remove = 제외
console-group-remove-one = { $username } 제외
console-group-remove-heading = { $group } 그룹에서 { $username } 계정을 제외할까요?
console-group-remove-effect = 이 그룹에만 열린 것이 사용자에게 즉시 닫히며, 연결된 앱에도 적용됩니다.
console-group-delete = 그룹 삭제
console-group-delete-heading = { $group } 그룹을 삭제할까요?
console-group-leave =
    { $count ->
        [0] 나가는 사용자가 없습니다.
       *[other] 사용자 { $count }명이 그룹에서 나갑니다.
    }
console-group-leave-many = { $number }명이 넘는 사용자가 그룹에서 나갑니다.
console-group-delete-effect = 하위 그룹은 상위 그룹 없이 남습니다. 토큰에 더 이상 나타나지 않습니다. 되돌릴 수 없습니다.

console-resources = API
console-resources-lead = 이 서버의 토큰을 받는 리소스 서버와 스코프입니다.
console-resources-none = 아직 API가 없습니다.
console-resource-id = ID
console-resource-new = 새 API
console-name-english = 영어 이름
console-audience = 대상 (audience)
console-scope-count = 스코프
console-token-profile = 액세스 토큰
console-introspection = 인트로스펙션
console-resource-secret = 비밀 키가 있습니다.
console-resource-no-secret = 비밀 키가 없습니다.
console-risk = 위험도
console-risk-lead = 위험도가 높아지면 사용자에게 다시 묻습니다.
console-lint = 문구
console-lint-none = 좋음
console-lint-count = 문제 { $count }개
console-scope-new = 새 스코프
console-scope-new-lead = 다른 언어의 문구는 스코프 페이지에서 입력합니다.
console-scope-name = 이름 (예: message:read)
console-scope-sentence = 허용하는 것, 영어로
console-scope-consequence = 사용자에게 미치는 결과, 영어로
console-scope-sentence-short = 허용하는 것
console-scope-consequence-short = 결과
console-scope-default = 요청이 스코프 없이 API만 지정하면 포함
console-words = 동의 페이지의 문구
console-words-lead = 문구가 없는 언어는 비워 둡니다. 영어는 필요합니다.
console-words-invalid = 빈 문구가 있거나 영어가 없습니다. 언어마다 두 문구가 모두 필요합니다.
console-audience-invalid = 대상은 프래그먼트가 없는 절대 URI여야 하고 이 서버의 것이 아니어야 합니다.
console-save = 저장
console-finding-missing = 이 언어의 문구가 없습니다.
console-finding-no-consequence = 결과가 없습니다.
console-finding-long-sentence = 문장이 { $count }자입니다. 줄이세요.
console-finding-long-consequence = 결과가 { $count }자입니다. 줄이세요.
console-finding-no-verb = 문장이 앱이 하는 일을 말하지 않습니다. ‘~기’로 끝내세요.
console-finding-reading-age = 결과를 이해하려면 { $count }세는 되어야 합니다. 더 짧은 단어를 쓰세요.
console-finding-many-words = 결과의 한 문장이 { $count }단어입니다. 나누세요.
console-finding-nothing-new = 결과가 문장과 같은 말을 합니다.
console-finding-others = 위험도가 높은데 다른 사람이 무엇을 알게 되는지, 또는 되돌릴 수 없는지 말하지 않습니다.
console-finding-untranslated = { $language } 문구와 같습니다. 번역하세요.
console-finding-out-of-step = 결과의 문장 수가 첫 번째 언어와 다릅니다.
console-scopes-taken =
    { $grants ->
        [0] 스코프를 잃는 권한이 없습니다.
       *[other] 권한 { $grants }개가 스코프를 잃습니다.
    }
console-scopes-taken-many = { $number }개가 넘는 권한이 스코프를 잃습니다.
console-scope-delete = 스코프 삭제
console-scope-delete-heading = { $name } 스코프를 삭제할까요?
console-scope-delete-effect = 모든 앱의 등록 정보에서 빠집니다. 같은 이름으로 다시 만들어도 다른 스코프이며 사용자에게 다시 묻습니다. 되돌릴 수 없습니다.
console-resource-delete = API 삭제
console-resource-delete-heading = { $name } API를 삭제할까요?
console-resource-delete-effect = 스코프도 함께 삭제되고 모든 앱의 등록 정보에서 빠집니다. 비밀 키가 끝납니다. 되돌릴 수 없습니다.
console-resource-rotate-heading = { $name } API의 새 비밀 키를 만들까요?
console-resource-rotate-effect = 새 비밀 키는 한 번만 표시됩니다. 바로 전의 키는 즉시 끝나고, API는 새 키를 받을 때까지 토큰을 조회할 수 없습니다.
console-group-edit = 이름 또는 위치 바꾸기
console-edit-lead = 무엇이 바뀌는지 다음 페이지에서 알려줍니다.
console-continue = 계속
console-group-edit-heading = { $group } 그룹을 바꿀까요?
console-group-rename-effect = 이제부터 그룹 이름은 { $after }입니다. groups 클레임에서 { $before }라는 이름으로 알던 앱은 새 토큰에서 이 그룹을 알아보지 못합니다.
console-group-rename-kept = 이 그룹에 열린 것은 그대로 열려 있습니다. 설정 파일은 새 이름을 써야 합니다.
console-group-moves-out = 구성원은 이 그룹을 통해서는 더 이상 { $group } 그룹에 속하지 않습니다.
console-group-moves-in = 구성원은 이제부터 { $group } 그룹에도 속합니다.
console-group-becomes-administrators = 구성원이 관리자가 됩니다. 모든 앱, 계정, 그룹, 키를 바꿀 수 있고 다른 사람을 관리자로 만들 수 있습니다.
console-group-were-administrators = 구성원은 이 그룹을 통해서는 더 이상 관리자가 아닙니다.
console-group-add-heading-one = { $username } 사용자를 { $group } 그룹에 추가할까요?
console-group-add-effect = 이 그룹에 열린 것이 사용자에게 열립니다.
console-administrator-effect = 사용자가 관리자가 되어 모든 앱, 계정, 그룹, 키를 바꾸고, 감사 로그를 읽고, 다른 사람을 관리자로 만들 수 있습니다.
console-administrator-factor = 이 콘솔은 2단계 인증을 한 사용자에게만 열립니다.
console-group-unknown = 이 이름 중 하나를 가진 그룹이 없습니다. 이름은 쉼표로 구분하세요.
console-resource-edit = 이름과 토큰
console-resource-name-in = { $language } 이름
console-token-typ = 액세스 토큰의 종류
console-token-groups = 액세스 토큰의 그룹
console-token-lifetime = 액세스 토큰의 수명(초)
console-token-lifetime-invalid = 토큰의 수명은 1초에서 86400초까지입니다.
console-token-default = 서버 기본값
console-resource-edit-heading = { $name } API를 바꿀까요?
console-resource-audience-effect = 이제부터 { $after }용 토큰이 발급됩니다. { $before }용 토큰은 갱신되지 않으며, 앱은 새 대상을 요청해야 합니다.
console-resource-names-effect = 앱이 요청할 때 사용자는 새 이름을 봅니다.
console-resource-tokens-effect = 새 액세스 토큰의 형식은 다음과 같습니다: { $format }. API가 이를 받아들여야 합니다.
console-scopes-held =
    { $grants ->
        [0] 이 API의 스코프가 있는 권한이 없습니다.
       *[other] 권한 { $grants }개에 이 API의 스코프가 있습니다.
    }
console-scopes-held-many = { $number }개가 넘는 권한에 이 API의 스코프가 있습니다.
console-scope-groups-lead = 그룹 이름을 쉼표로 구분합니다. 이름이 없으면 모든 사용자입니다. 어느 그룹에도 없는 사용자는 이 스코프가 있는 토큰을 더 받지 못합니다.
console-scope-mfa = 2단계 인증으로 로그인한 사용자만 받습니다
