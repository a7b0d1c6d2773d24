email-change = 변경
email-is-confirmed = 확인됨
email-is-unconfirmed = 아직 확인되지 않았습니다. 확인하기 전에는 로그인에 쓸 수 없고, 앱에도 전달되지 않습니다.
email-none = 등록된 주소가 없습니다.
email-sent = { $address } 주소로 메일을 보냈습니다. 아무 브라우저에서나 메일의 링크를 열거나, 여기에 숫자 6자리를 입력해 주세요.
email-digits = 메일에 적힌 숫자 6자리
email-digits-wrong = 마지막 메일의 숫자와 다르거나 유효 기간이 지났습니다.
email-confirm-submit = 주소 확인하기
email-send-again = 메일 다시 보내기
email-new = 새 주소
email-rule = 이 주소로 메일을 보내 드립니다. 확인하실 때까지는 아무것도 바뀌지 않습니다.
email-send = 메일 보내기
email-unavailable = 이 서버는 메일을 보내지 않으므로 여기에서 주소를 바꿀 수 없습니다.
email-confirm-heading = 이 주소를 확인할까요?
email-confirm-text = { $username } 계정에 { $address } 주소가 등록됩니다.
email-confirm-ignore = 본인의 계정이 아니라면 이 페이지를 닫아 주세요. 주소는 등록되지 않습니다.
email-confirmed-heading = 주소가 확인되었습니다
email-confirmed = 이제 { $address } 주소가 이 계정에 등록되었습니다.
email-void = 링크는 하루 동안 쓸 수 있으며, 주소나 비밀번호가 바뀐 뒤에는 쓸 수 없습니다.

take-back-heading = 본인이 아니었나요?
take-back-consequence = 모든 곳에서 로그아웃되고 지금의 비밀번호는 쓸 수 없게 되며, 새 비밀번호를 정하게 됩니다. 그때까지 패스키로도 로그인할 수 없고, 최근 3일 안에 추가된 패스키는 삭제됩니다.
take-back-address = { $address } 주소가 다시 이 계정에 등록됩니다.
take-back-submit = 제가 아닙니다
take-back-void = 링크는 사흘 동안 한 번만 쓸 수 있습니다. 새 비밀번호는 지금도 요청하실 수 있습니다.

event-email-confirmed = 이메일 주소가 확인되었습니다
event-account-taken-back = 메일의 링크로 계정을 되찾았습니다
