console-keys = 키
console-keys-lead = 토큰에 서명하는 키입니다. API는 공개된 키를 가져가 15분 동안 보관할 수 있습니다.
console-action = 변경
console-key-alg = 알고리즘
console-key-state = 상태
console-key-since = 시작
console-key-due-column = 교체 예정
console-key-id = 키 ID
console-key-next = 다음 키, 공개됨
console-key-active = 서명 중
console-key-retired = 은퇴, 공개됨
console-key-archived = 보관됨
console-key-rotation = 교체
console-key-rotation-lead = 다음 키가 서명을 시작합니다. 이전 키는 서명한 것이 모두 만료될 때까지 공개됩니다.
console-key-rotate = 교체
console-key-rotate-one = { $alg } 교체
console-key-waits = 다음 키가 공개된 지 얼마 되지 않았습니다. { $moment }부터 서명할 수 있습니다.
console-key-rotate-heading = { $alg } 키를 교체할까요?
console-key-rotate-effect = 새 토큰은 다음 키로 서명되고 또 하나의 키가 공개됩니다. 끝나는 토큰은 없습니다.
console-key-too-early = 다음 키가 아직 없거나 API가 아직 모를 수 있습니다. 15분 기다리세요.
console-key-revoke = 폐기
console-key-revoke-one = { $kid } 키 폐기
console-key-revoke-heading = 이 { $alg } 키를 폐기할까요?
console-key-revoke-effect = 이 키로 서명한 액세스 토큰과 ID 토큰이 여기에서, 그리고 키를 다시 가져가는 API에서 즉시 거절됩니다. 되돌릴 수 없습니다.
console-key-revoke-grants =
    { $count ->
        [0] 권한을 가진 앱이 없습니다. 세션과 리프레시 토큰은 유지됩니다.
       *[other] 권한 { $count }개를 가진 앱이 새 액세스 토큰을 받습니다. 세션과 리프레시 토큰은 유지됩니다.
    }
console-key-revoke-many = { $number }개가 넘는 권한을 가진 앱이 새 액세스 토큰을 받습니다. 세션과 리프레시 토큰은 유지됩니다.
console-key-revoke-next = 아직 아무것도 서명하지 않은 키입니다. 새로운 다음 키가 공개됩니다.
console-key-revoke-archived = 앱이 로그아웃할 때 보내는 ID 토큰만 확인하는 키입니다. 그 토큰을 더 이상 알아보지 못합니다.
console-key-revoke-warning = 다음 키가 즉시 서명합니다. 아직 그 키를 가져가지 않은 API는 15분 동안 새 토큰을 거절할 수 있습니다. 키가 유출되었을 때만 하세요.

console-mail = 메일
console-mail-off = 이 서버는 메일을 보내지 않습니다. mail.url이 설정되지 않았습니다.
console-mail-none = 메일이 없습니다.
console-mail-recipient = 받는 주소
console-mail-kind = 용도
console-mail-state = 상태
console-mail-queued-at = 등록 시각
console-mail-outcome = 마지막 응답
console-mail-queued = 대기 중
console-mail-delivered = 전달됨
console-mail-expired = 만료됨
console-mail-dead = 포기함
console-mail-next = 다음 시도: { $moment }
console-mail-attempts = { $count }번 시도
console-mail-show-dead = 포기한 메일 보기
console-mail-show-all = 모두 보기
console-mail-retry = 다시 시도
console-mail-retry-one = { $address } 주소로 다시 시도
console-mail-retry-all = 모두 다시 시도
console-mail-retry-heading = 이 메일을 다시 보낼까요?
console-mail-retry-effect = 즉시 보낼 차례가 되고 시도 횟수를 처음부터 셉니다.
console-mail-retry-all-heading = 전달되지 않은 메일을 모두 다시 보낼까요?
console-mail-retry-all-effect = 전달되지 않았고 만료되지 않은 모든 메일이 즉시 보낼 차례가 됩니다.

console-audit = 감사 로그
console-audit-lead = 관리자의 모든 변경과 사용자 및 서버가 한 일을 최근 것부터 보여 줍니다.
console-audit-actor = 변경한 사람
console-audit-kind = 종류
console-audit-all = 전체
console-audit-target = 변경된 대상
console-audit-face = 방법
console-audit-reason = 이유
console-audit-entry = 항목 { $number }
console-audit-noted = 다른 곳에 적어 둘 값
console-audit-noted-lead = 이 값을 “writ audit verify --noted”에 주면 로그가 이전 상태로 되돌려졌는지 알 수 있습니다.
console-audit-members = 바뀐 값
console-audit-before = 이전
console-audit-after = 이후
console-audit-partial = 더 오래된 항목은 아직 검색하지 않았습니다. 다음 페이지에 있습니다.

console-settings = 설정
console-settings-lead = 이 서버가 읽은 설정이며 비밀번호는 빠져 있습니다. 설정 파일과 환경 변수에서 바꿉니다.
console-settings-own = 지정됨
