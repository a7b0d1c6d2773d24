console-heading = 관리
console-nav = 관리
console-overview = 개요
console-apps = 앱
console-users = 사용자

console-closed = { $username } 계정으로는 이 서버를 관리할 수 없습니다. 관리자에게 문의하거나 다른 계정을 사용하세요.
console-needs-factor = 이 서버를 관리하려면 2단계 로그인이 필요합니다. 먼저 설정한 다음 이 페이지로 돌아오세요.

console-join-heading = 관리자 되기
console-join-lead = { $username } 계정으로 { $product } 서비스의 모든 계정과 앱을 보고 바꿀 수 있게 됩니다.
console-join-submit = 관리자 되기
console-join-void = 이 링크는 더 이상 쓸 수 없거나 다른 계정을 위한 것입니다. 링크는 30분 동안 한 번만 쓸 수 있습니다.

console-attention = 확인이 필요한 항목
console-attention-none = 지금은 없습니다.
console-key-due = { $alg } 서명 키를 교체할 때가 되었습니다.
console-mails-dead = 메일 { $count }통을 보내지 못했습니다.
console-review = 검토할 앱
console-review-lead = 스스로 등록한 앱입니다. 관리자가 승인할 때까지 사용자에게 경고가 표시됩니다.
console-review-more = 앱 목록에 더 있습니다.

console-changes = 관리자의 최근 변경
console-changes-none = 아직 없습니다.
console-because = 이유: { $reason }
console-members = 값 { $count }개

console-find = 찾기
console-next = 다음 페이지
console-app = 앱
console-client-id = 클라이언트 ID
console-registered = 등록
console-apps-none = 아직 앱이 없습니다.
console-app-not-found = 이 클라이언트 ID의 앱이 없습니다. 아래는 전체 목록입니다.
console-unapproved = 미승인
console-origin-administrator = 관리자가 등록
console-origin-self = 앱이 스스로 등록
console-origin-document = 메타데이터 문서로 등록
console-usage = 사용 현황
console-grants = 사용자 { $users }명의 권한 { $grants }개
console-open-to = 열린 대상
console-open-to-none = 아무에게도 열려 있지 않음
console-grants-many = 권한 { $number }개 이상
console-authentication = 인증 방식
console-grant-types = 권한 부여 방식
console-redirect-uris = 리디렉션 URI
console-scopes = 요청할 수 있는 것
console-scopes-lead = 사용자가 동의 페이지에서 읽는 문구입니다.
console-scopes-none = 없습니다.
console-required = 이것이 없으면 앱이 작동하지 않습니다.
console-secrets = 비밀 키
console-secret-made = { $moment }부터 유효
console-secret-used = 마지막 사용: { $moment } (한 시간 단위)
console-secret-unused = 사용 기록 없음
console-failures = 최근에 거절된 요청
console-failures-none = 없습니다.
console-when = 시각
console-endpoint = 엔드포인트
console-cause = 원인
console-description = 설명

console-login = 사용자 이름, 확인된 이메일 주소 또는 ID
console-user-not-found = 그런 사용자가 없습니다. 아래는 전체 목록입니다.
console-username = 사용자 이름
console-name = 이름
console-created = 만든 날
console-unverified = { $email } (확인되지 않음)
console-disabled = 사용 중지됨
console-disabled-since = 이 계정은 { $moment }부터 사용이 중지되었습니다.
console-groups = 그룹
console-no-factor = 없음
console-sessions = 세션
console-sessions-none = 로그인된 곳이 없습니다.
console-device = 기기
console-network = 네트워크
console-signed-in = 로그인
console-last-seen = 마지막 사용
console-connections-none = 연결된 앱이 없습니다.
console-allowed = 허용한 것
console-since = 시작

console-approve = 승인
console-approve-heading = { $app } 앱을 승인할까요?
console-approve-effect = 동의 페이지가 더 이상 이 앱을 경고하지 않고, 사용자가 허용한 것을 기억하며, 로고를 표시합니다.
console-rotate = 새 비밀 키
console-rotate-heading = { $app } 앱의 새 비밀 키를 만들까요?
console-rotate-effect = 새 비밀 키는 한 번만 표시됩니다. 바로 전의 키는 다음 교체까지 쓸 수 있고, 더 오래된 키는 즉시 끝납니다.
console-disconnect = 모든 사용자 연결 끊기
console-disconnect-heading = { $app } 앱에서 모든 사용자의 연결을 끊을까요?
console-grants-end =
    { $grants ->
        [0] 끝나는 권한이 없습니다.
       *[other] 사용자 { $users }명의 권한 { $grants }개가 끝납니다.
    }
console-grants-end-many = { $number }개가 넘는 권한이 끝납니다.
console-disconnect-effect = 사용자는 앱을 다시 허용해야 합니다. 앱이 가진 액세스 토큰은 만료될 때까지 받아들여질 수 있습니다.
console-delete-app = 앱 삭제
console-delete-app-heading = { $app } 앱을 삭제할까요?
console-delete-app-effect = 등록 정보와 비밀 키가 삭제됩니다. 되돌릴 수 없습니다.

console-disable-app-heading = { $app } 앱의 사용을 중지할까요?
console-disable-app-effect = 다시 사용하게 할 때까지 앱은 코드와 토큰을 받지 못하고, 사용자는 앱에 로그인할 수 없으며, 인트로스펙션은 앱의 토큰이 유효하지 않다고 응답합니다. 토큰을 스스로 검증하는 API는 앱이 가진 토큰을 만료될 때까지 받아들입니다. 삭제되는 것은 없습니다.
console-enable-app-heading = { $app } 앱을 다시 사용하게 할까요?
console-enable-app-effect = 앱이 다시 작동합니다. 사용자가 전에 허용한 것이 다시 유효해집니다.
console-grants-suspended =
    { $grants ->
        [0] 중단되는 권한이 없습니다.
       *[other] 사용자 { $users }명의 권한 { $grants }개가 중단됩니다.
    }
console-grants-suspended-many = { $number }개가 넘는 권한이 중단됩니다.
console-disabled-app-since = 이 앱은 { $moment }부터 사용이 중지되었습니다.
console-connection-heading = { $username } 계정에서 { $app } 앱의 연결을 끊을까요?
console-connection-effect = 권한과 동의가 끝납니다: { $scopes }

console-sign-out = 모든 곳에서 로그아웃
console-sign-out-heading = { $username } 계정을 모든 곳에서 로그아웃할까요?
console-sessions-end =
    { $count ->
        [0] 끝나는 세션이 없습니다.
       *[other] 세션 { $count }개가 끝납니다.
    }
console-sign-out-effect = 사용자가 없는 동안에도 작동하는 앱은 접근 권한을 유지합니다.
console-unlock = 잠금 해제
console-unlock-heading = { $username } 계정의 잠금을 풀까요?
console-unlock-effect = 틀린 비밀번호와 코드의 기록을 지워 사용자가 바로 로그인할 수 있게 합니다.
console-reset-factors = 2단계 인증 제거
console-reset-factors-heading = { $username } 계정의 2단계 인증을 제거할까요?
console-reset-factors-effect = 인증 앱, 패스키, 복구 코드, 신뢰하는 브라우저가 모두 끝납니다. 그다음에는 비밀번호만으로 로그인할 수 있고, 비밀번호가 없는 사용자는 복구 링크가 필요합니다.
console-reset-factors-warning = 요청하는 사람이 그 사용자인지 먼저 확인하세요.
console-disable = 사용 중지
console-disable-heading = { $username } 계정의 사용을 중지할까요?
console-disable-effect = 다시 사용하도록 할 때까지 사용자는 로그인할 수 없고 앱은 토큰을 받지 못합니다.
console-enable = 다시 사용
console-enable-heading = { $username } 계정을 다시 사용하게 할까요?
console-enable-effect = 사용자가 다시 로그인할 수 있고, 연결된 앱이 다시 토큰을 받습니다.
console-delete-user = 계정 삭제
console-delete-user-heading = { $username } 계정을 삭제할까요?
console-user-grants-end =
    { $count ->
        [0] 접근 권한을 잃는 앱이 없습니다.
       *[other] 앱에 준 권한 { $count }개가 끝납니다.
    }
console-delete-user-effect = 계정과 계정에 딸린 모든 것이 삭제됩니다. 되돌릴 수 없습니다.

console-reason = 감사 로그에 남길 이유 (선택)
console-keep = 그대로 두기
console-refused = 아무것도 바뀌지 않았습니다
console-changed = 보신 뒤에 내용이 바뀌었습니다. 다시 보고 결정하세요.
console-partly = 아직 모든 사용자의 연결이 끊어지지는 않았습니다
console-disconnected-partly = 사용자 { $count }명의 연결이 끊어졌고 나머지는 아직입니다. 앱을 다시 보고 계속하세요.
console-last-administrator = 관리자가 한 명도 남지 않게 됩니다. 먼저 다른 사용자를 관리자로 만드세요.
console-command-line = 이것은 명령줄에서만 바꿀 수 있습니다.
console-no-secret = 이 앱에는 비밀 키가 없습니다.
console-meanwhile = 최근 변경
console-look-again = 다시 보기
console-new-secret = 새 비밀 키
console-secret-once = 지금만 표시됩니다. 앱이 읽는 곳에만 보관하고 다른 곳에는 두지 마세요.
console-secret-kept = 보관했습니다
console-approved-now = 앱이 승인되었습니다.
console-disconnected-now = 모든 사용자의 연결이 끊어졌습니다.
console-deleted-app = 앱이 삭제되었습니다.
console-deleted-user = 계정이 삭제되었습니다.
