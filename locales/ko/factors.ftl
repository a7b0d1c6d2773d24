code-heading = 인증 코드를 입력해 주세요
code-app = 인증 앱의 코드
code-recovery = 복구 코드
code-either = 인증 앱의 코드 또는 복구 코드
code-trust = 이 브라우저에서는 30일 동안 묻지 않기
code-submit = 계속하기
code-without = 코드 없이 앞서 열었던 앱으로 이동하기
code-use-recovery = 복구 코드 사용하기
code-use-app = 인증 앱 사용하기
code-wrong = 코드가 맞지 않거나 이미 사용되었습니다. 인증 앱의 코드는 30초마다 바뀝니다.
code-stale = 페이지가 오래 열려 있었습니다. 코드를 한 번 더 입력해 주세요.

factor-heading = 2단계 로그인
factor-see = 보기 및 변경
factor-what = 비밀번호를 입력한 뒤 휴대전화 인증 앱의 코드를 입력합니다. 비밀번호만으로는 로그인할 수 없게 됩니다.
factor-set-up = 2단계 로그인 설정
factor-app = 인증 앱
factor-since = { $date }부터
factor-remove = 끄기
factor-remove-heading = 2단계 로그인을 끌까요?
factor-remove-consequence = 코드 없이 로그인할 수 있게 됩니다. 복구 코드도 더 이상 쓸 수 없습니다.
factor-keep = 그대로 두기
factor-codes = 복구 코드
factor-codes-left =
    { $count ->
        [0] 남은 코드 없음
       *[other] { $count }개 남음
    }
factor-new-codes = 새 복구 코드 만들기
factor-new-codes-consequence = 이전 코드는 더 이상 쓸 수 없습니다.
factor-browsers = 신뢰하는 브라우저
factor-trusted = 브라우저 { $count }개에서 코드를 묻지 않습니다
factor-forget = 모두 다시 묻기

set-up-heading = 2단계 로그인 설정
set-up-required = 계속하려면 2단계 로그인이 필요합니다.
set-up-scan = 휴대전화의 인증 앱으로 아래 그림을 스캔해 주세요.
set-up-picture = 아래에 적힌 키가 담긴 QR 코드
set-up-key = 또는 인증 앱에 이 키를 입력해 주세요.
set-up-code = 지금 인증 앱에 표시된 숫자 6자리
set-up-submit = 켜기
set-up-wrong = 그사이 인증 앱의 코드가 바뀌었거나 휴대전화의 시각이 맞지 않습니다. 지금 표시된 숫자를 입력해 주세요.

recovery-heading = 내 복구 코드
recovery-set-up = 2단계 로그인을 켰습니다.
recovery-what = 휴대전화가 없을 때 코드 하나로 한 번 로그인할 수 있습니다. 인쇄하거나 적어서 휴대전화와 다른 곳에 보관해 주세요. 지금만 볼 수 있습니다.
recovery-whose = { $product }, { $username }
recovery-kept = 보관했습니다

event-code-wrong =
    { $count ->
        [1] 비밀번호 다음에 잘못된 코드가 입력되었습니다. 본인이 아니라면 비밀번호를 변경해 주세요.
       *[other] 비밀번호 다음에 잘못된 코드가 { $count }번 입력되었습니다. 본인이 아니라면 비밀번호를 변경해 주세요.
    }
event-second-factor-set-up = 2단계 로그인이 켜졌습니다
event-second-factor-removed = 2단계 로그인이 꺼졌습니다
event-second-factor-reset = 관리자가 2단계 로그인을 껐습니다
event-recovery-code-used = 복구 코드가 사용되었습니다
event-recovery-codes-replaced = 새 복구 코드를 만들었습니다
