consent-heading = ‘{ $app }’ 앱이 내 정보를 사용하려고 합니다
consent-heading-difference = ‘{ $app }’ 앱이 새로운 권한을 요청합니다
consent-heading-nothing-new = ‘{ $app }’ 앱이 이미 허용한 권한을 다시 요청합니다
consent-lead = 원하지 않는 항목은 체크를 해제해 주세요.
consent-lead-difference = 새로 요청한 권한이 먼저 나옵니다. 체크를 해제한 권한은 더 이상 쓸 수 없게 됩니다.
consent-lead-nothing-new = 새로운 권한은 없습니다. 체크를 해제한 권한은 더 이상 쓸 수 없게 됩니다.
consent-app-website = 웹사이트: { $host }
consent-app-privacy = { $app } 개인정보 처리방침
consent-app-terms = { $app } 이용약관
consent-contact = 문의: { $contact }
consent-verified = { $product } 관리자가 승인한 앱
consent-unverified = 개발자가 직접 등록한 앱입니다. { $product }에서 확인하지 않았습니다.
consent-described-at = { $host } 사이트의 앱입니다. { $product }에서 확인하지 않았습니다.
consent-first-seen = { $product }에 처음 등록된 날: { $date }
consent-organization = 운영: { $organization }
consent-organization-unverified = 운영: { $organization } (앱의 설명이며 확인되지 않았습니다)
consent-users =
    { $count ->
        [0] 아직 여기에서 이 앱을 쓰는 사람이 없습니다
       *[other] 여기에서 { $number }명이 사용합니다
    }
consent-look-alike-heading = 내가 아는 앱이 아닐 수 있습니다
consent-look-alike-users = 여기에서 { $number }명이 사용하는 ‘{ $name }’ 앱({ $host })이 아닙니다.
consent-look-alike-host = ‘{ $name }’({ $host }) 쪽의 앱이 아닙니다.
consent-look-alike = ‘{ $name }’ 쪽의 앱이 아닙니다.
consent-look-alike-leads = 허용하면 { $host } 사이트로 이동합니다.
consent-look-alike-native = 이 기기에 설치된 프로그램입니다.
consent-leads-to = 이동할 사이트
consent-returns-to = 돌아갈 곳
consent-native = 이 기기에 설치된 앱
consent-account = 내 계정
consent-another-account = 다른 계정으로 로그인
consent-group = { $server }에서 허용할 권한
consent-required = 필수: 꼭 필요한 권한이라 뺄 수 없습니다.
consent-required-reason = 필수. { $app } 앱의 설명: “{ $reason }”
consent-meaning = 자세히
consent-cannot = 이 앱이 할 수 없는 일
consent-cannot-entry = { $server }: { $scope }
consent-cannot-rest = 선택하지 않은 권한과 이 화면에 없는 모든 일
consent-cannot-more = 그 밖의 항목 { $count }개
consent-duration = 얼마 동안 허용할까요?
consent-duration-once = 이번만 허용
consent-duration-once-ends = 최대 { $duration }
consent-duration-ends = { $date }까지
consent-duration-30-days = 30일 동안
consent-duration-until-revoked = 내가 연결을 끊을 때까지
consent-duration-idle-ends = { $duration } 동안 안 쓰면 끝납니다
consent-duration-now = 전에 허용한 권한은 { $date }에 끝납니다. 여기서 고른 기간으로 바뀝니다.
consent-duration-now-open = 전에 허용한 권한은 내가 연결을 끊을 때까지 쓸 수 있습니다. 여기서 고른 기간으로 바뀝니다.
consent-away-optional = { $product }에서 로그아웃하면 앱은 더 이상 권한을 쓸 수 없습니다. 위의 ‘로그아웃해도 계속 허용하기’를 선택한 경우만 예외입니다.
consent-away-ends = { $product }에서 로그아웃하면 앱은 더 이상 권한을 쓸 수 없습니다.
consent-away-implicit = { $product }에서 로그아웃해도 앱은 이 권한을 계속 쓸 수 있습니다.
consent-away-own = { $product }에서 로그아웃해도 앱은 이 기기에서 계속 연결되어 있습니다. ‘로그인 상태’에서 끝낼 수 있습니다.
consent-deny-nothing = 거부하면 { $app } 앱에는 아무것도 전달되지 않습니다.
consent-deny-keeps = 거부해도 { $date }에 { $app } 앱에 허용한 권한은 그대로입니다.
consent-approve = 허용
consent-deny = 거부
consent-change-later = 언제든 여기에서 바꾸거나 연결을 끊을 수 있습니다: 내 계정 >

risk-low = 위험도 낮음
risk-moderate = 위험도 보통
risk-elevated = 위험도 다소 높음
risk-high = 위험도 높음

scope-new = 새로운 요청
scope-already-allowed = 이미 허용함
scope-reworded = 이미 허용함(설명이 바뀌었습니다)
scope-changed = 허용한 뒤에 내용이 바뀌었습니다
scope-declined-before = 지난번에 거부함

scope-openid = 내 계정 확인
scope-openid-consequence = 로그인할 때마다 나라는 것을 앱이 알 수 있습니다.
scope-profile = 내 프로필 보기
scope-profile-consequence = 이름, 사진, 성별, 생일, 언어 등 내가 입력한 정보를 앱이 볼 수 있습니다.
scope-email = 내 이메일 주소 보기
scope-email-consequence = 앱이 나에게 이메일을 보낼 수 있고, 인증된 주소인지도 알 수 있습니다.
scope-address = 내 집 주소(배송지) 보기
scope-address-consequence = 내가 사는 곳이나 물건을 받는 곳을 앱이 알 수 있습니다.
scope-phone = 내 전화번호 보기
scope-phone-consequence = 앱이 나에게 전화하거나 문자를 보낼 수 있고, 인증된 번호인지도 알 수 있습니다.
scope-offline-access = 로그아웃해도 계속 허용하기
scope-offline-access-consequence = 내가 앱을 쓰지 않거나 로그아웃한 뒤에도 여기에서 허용한 권한을 앱이 계속 쓸 수 있습니다.

denied-heading = { $app } 앱에 아무것도 전달하지 않았습니다
denied-advice = 이 페이지를 닫아도 됩니다. 앱으로 돌아가면 거부했다는 사실만 전달됩니다.
denied-still-allowed = { $date }에 { $app } 앱에 허용한 권한은 그대로입니다.
denied-back = { $app } 앱으로 돌아가기

navigate-allowed = { $app } 앱을 허용했습니다
navigate-signed-in = 로그인했습니다
navigate-taking-you = 이동하는 사이트: { $host }
navigate-opening = 이 기기에 설치된 { $app } 앱으로 돌아갑니다.
navigate-continue = 지금 이동하기
form-post-heading = { $app } 앱으로 돌아가는 중입니다
