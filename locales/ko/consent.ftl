consent-heading = { $app } 앱에서 접근 권한을 요청합니다
consent-lead = 무엇을 허용할지 직접 정하세요. 허용하고 싶지 않은 항목은 선택을 해제하세요.
consent-lead-difference = 이전에 이 앱에 대해 결정하신 적이 있습니다. 달라지는 점과 그대로인 점은 다음과 같습니다.
consent-app = 앱
consent-app-website = 웹사이트
consent-verified = 관리자가 승인한 앱
consent-unverified = 스스로 등록한 앱(확인되지 않음)
consent-described-at = { $host } 앱(확인되지 않음)
consent-first-seen = 이곳에서 처음 확인한 날: { $date }
consent-leads-to = 이동할 곳
consent-on-this-computer = 이 컴퓨터에 있는 프로그램
consent-account = 내 계정
consent-another-account = 다른 계정 사용
consent-group = { $server }에서 요청하는 권한
consent-required = 이 권한이 없으면 앱이 작동하지 않습니다.
consent-cannot = 이 앱이 할 수 없는 일
consent-cannot-rest = 선택하지 않은 항목과 위에 없는 모든 일
consent-duration = 얼마 동안 허용할까요?
consent-duration-once = 이번 한 번만
consent-duration-30-days = 30일 동안
consent-duration-until-revoked = 직접 철회할 때까지
consent-duration-all = 이 앱에 이전에 허용한 내용에도 함께 적용됩니다.
consent-approve = 허용
consent-deny = 거부
consent-change-later = 어떤 선택을 하든 나중에 ‘연결된 앱’에서 바꿀 수 있습니다.

risk-low = 위험도 낮음
risk-moderate = 위험도 보통
risk-elevated = 위험도 다소 높음
risk-high = 위험도 높음

scope-new = 새로운 요청
scope-already-allowed = 이미 허용함
scope-declined-before = 지난번에 거부함

scope-openid = 나를 알아보기
scope-openid-consequence = 로그인할 때마다 같은 사람인지 앱이 알 수 있습니다.
scope-profile = 내 프로필 보기
scope-profile-consequence = 이름, 사진, 성별, 생일, 언어 등 직접 입력하신 정보를 앱이 볼 수 있습니다.
scope-email = 내 이메일 주소 보기
scope-email-consequence = 앱이 이메일을 보낼 수 있고, 확인된 주소인지도 알 수 있습니다.
scope-address = 내 우편 주소 보기
scope-address-consequence = 우편물을 받는 곳을 앱이 알 수 있습니다.
scope-phone = 내 전화번호 보기
scope-phone-consequence = 앱이 전화를 걸 수 있고, 확인된 번호인지도 알 수 있습니다.
scope-offline-access = 자리를 비운 동안에도 접근 유지하기
scope-offline-access-consequence = 앱을 사용하지 않을 때에도 여기에서 허용한 권한을 앱이 계속 쓸 수 있습니다.

denied-heading = { $app } 앱에 아무것도 공유하지 않았습니다
denied-advice = 이 페이지를 닫아도 됩니다. 앱으로 돌아가면 거부했다는 사실만 전달됩니다.
denied-still-allowed = 이전에 허용하신 내용은 그대로입니다. 다음 페이지에서 회수할 수 있습니다.
denied-back = { $app } 앱으로 돌아가기

navigate-allowed = { $app } 앱을 허용했습니다
navigate-signed-in = 로그인했습니다
navigate-taking-you = 이동할 곳: { $host }
navigate-continue = 지금 이동하기
form-post-heading = { $app } 앱으로 돌아가는 중입니다
