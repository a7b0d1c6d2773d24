account-nav = 내 계정
account-heading = 내 계정
account-edit-profile = 프로필 수정
account-see-apps = 허용한 내용 보기
account-change-preferences = 변경
account-save = 저장
account-saved = 저장했습니다.

events-heading = 최근 활동
events-none = 아직 활동이 없습니다.
event-signed-in = 로그인했습니다
event-password-wrong =
    { $count ->
        [1] 잘못된 비밀번호가 입력되었습니다
       *[other] 잘못된 비밀번호가 { $count }번 입력되었습니다
    }
event-password-changed = 비밀번호가 변경되었습니다
event-profile-changed = 프로필이 수정되었습니다
event-session-ended = 브라우저 한 곳에서 로그아웃했습니다
event-other-sessions-ended = 다른 모든 브라우저에서 로그아웃했습니다
event-app-allowed = { $app } 앱을 허용했습니다
event-app-denied = { $app } 앱을 거부했습니다
event-scope-removed = { $app } 앱에서 권한을 회수했습니다
event-app-disconnected = { $app } 앱의 연결을 해제했습니다
event-token-replayed = { $app } 앱의 인증 키가 두 번 사용되어 접근을 중단했습니다. 누군가 복사했을 수 있습니다.
event-data-downloaded = 내 데이터를 내려받았습니다

confirm-heading = 본인 확인이 필요합니다
confirm-why = 로그인한 지 시간이 지났습니다. 계속하려면 비밀번호를 다시 입력해 주세요.
confirm-password = 현재 비밀번호
confirm-submit = 계속하기
confirm-wrong = 이 계정의 비밀번호가 아닙니다.

password-label = 비밀번호
password-heading = 비밀번호 변경
password-new = 새 비밀번호
password-rule = { $count }자 이상 입력해 주세요. 단어 몇 개를 이어 쓰면 기억하기 쉽고 추측하기 어렵습니다.
password-too-short = 새 비밀번호가 너무 짧습니다. { $count }자 이상이어야 합니다.
password-weak-own = 새 비밀번호를 추측하기 쉽습니다. 내 이름이나 주소가 들어 있습니다.
password-weak-common = 새 비밀번호를 추측하기 쉽습니다. 많은 사람이 쓰는 비밀번호이거나 그와 비슷합니다.
password-weak-word = 새 비밀번호를 추측하기 쉽습니다. 단어나 이름 하나와 다를 바 없습니다.
password-weak-keyboard = 새 비밀번호를 추측하기 쉽습니다. 키보드에 나란히 있는 글자들입니다.
password-weak-repeats = 새 비밀번호를 추측하기 쉽습니다. 같은 글자가 되풀이됩니다.
password-weak-sequence = 새 비밀번호를 추측하기 쉽습니다. abc나 6543처럼 차례대로 이어집니다.
password-weak-date = 새 비밀번호를 추측하기 쉽습니다. 날짜나 연도와 다를 바 없습니다.
password-weak-little = 새 비밀번호를 추측하기 쉽습니다. 내용이 너무 적습니다. 단어를 한두 개 더 넣어 주세요.
password-sign-out-others = 다른 모든 브라우저에서 로그아웃

sessions-label = 브라우저
sessions-heading = 로그인한 곳
sessions-device = { $browser } ({ $system })
sessions-device-unknown = 알 수 없는 브라우저
sessions-signed-in = 로그인한 시각: { $moment }
sessions-last-seen = 마지막 사용: { $moment }
sessions-this = 지금 이 브라우저
sessions-end-one = 로그아웃: { $device }
sessions-end-others = 다른 모든 브라우저에서 로그아웃

preferences-heading = 언어와 시간대
preferences-zone = 시간대

profile-heading = 프로필
profile-lead = 원하는 항목만 입력하세요. 직접 허용하신 앱만 이 정보를 볼 수 있습니다.
profile-name = 이름(전체)
profile-given-name = 이름
profile-family-name = 성
profile-nickname = 별명
profile-email = 이메일 주소
profile-phone-number = 전화번호
profile-website = 웹사이트
profile-birthdate = 생일
claim-sub = 계정 고유 번호
claim-preferred-username = 사용자 이름
claim-updated-at = 마지막 수정
profile-preview = 앱에 보이는 내용
profile-preview-lead = 프로필 보기를 허용하면 앱에는 아래 내용만 전달됩니다.
profile-too-long = 200자가 넘거나 표시할 수 없는 문자가 있는 항목이 있습니다.
profile-email-wrong = 이메일 주소 형식이 아닙니다.
profile-email-taken = 다른 계정에서 사용 중인 이메일 주소입니다.
profile-website-wrong = 웹사이트 주소는 https:// 또는 http://로 시작해야 합니다.
profile-birthdate-wrong = 달력에 없는 생일입니다.
profile-phone-wrong = 전화번호에는 숫자, 공백, + - ( )만 쓸 수 있습니다.

data-heading = 내 데이터
data-download = 내 데이터 내려받기
delete-link = 계정 삭제
delete-heading = 계정을 삭제할까요?
delete-consequence = 프로필과 로그인 기록, 모든 앱의 접근 권한이 즉시 사라지며 되돌릴 수 없습니다.
delete-keep = 유지하기
delete-submit = 영구 삭제
deleted-heading = 계정을 삭제했습니다
deleted-advice = 계정에 속한 모든 정보도 함께 삭제되었습니다. 이 페이지를 닫아도 됩니다.

apps-heading = 연결된 앱
apps-lead = 내 이름으로 일할 수 있는 앱입니다. 더 이상 원하지 않는 권한은 회수하세요.
apps-none = 내 계정에 접근할 수 있는 앱이 없습니다.
apps-since = 연결한 날: { $date }
apps-since-from = 연결한 날: { $date } · 마지막으로 허용한 곳: { $network }
apps-last-used = 마지막 사용: { $date }
apps-last-used-from = 마지막 사용: { $date } · { $network }
apps-last-used-by-server = 마지막 사용: { $date } · 앱 서버 { $network }
apps-never-used = 아직 사용하지 않음
apps-ends = 종료 시각: { $moment }
apps-ends-never = 직접 철회할 때까지 유지
apps-required = 앱에 꼭 필요한 권한
apps-remove = 회수
apps-remove-one = { $app } 앱에서 회수: { $scope }
apps-open = { $app } 열기
apps-disconnect = 연결 해제
apps-disconnect-one = { $app } 앱 연결 해제
apps-receipt = { $app } 앱 허용 내역서
apps-disconnected = { $app } 앱의 연결을 해제했습니다.
apps-removed = { $app } 앱에서 이 권한을 회수했습니다: { $scope }
apps-token-until = 이 서버에 확인하는 서비스에는 바로 반영됩니다. 확인하지 않는 서비스에서는 이미 발급된 토큰이 { $moment }까지 통할 수 있습니다.
