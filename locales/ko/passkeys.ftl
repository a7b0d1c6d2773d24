passkeys-heading = 패스키
passkeys-what = 패스키를 쓰면 비밀번호 없이 지문, 얼굴 또는 기기 PIN으로 로그인합니다. 이 사이트를 흉내 낸 페이지에서는 쓸 수 없습니다.
passkeys-none = 아직 패스키가 없습니다.
passkeys-synced = 동기화되는 모든 기기에서 사용
passkeys-bound = 한 기기에서만 사용
passkeys-added = { $date }에 추가함
passkeys-last-used = { $date }에 마지막으로 사용함
passkeys-never-used = 아직 사용하지 않음
passkeys-name = 이름
passkeys-rename = 이름 바꾸기
passkeys-save = 저장
passkeys-remove = 삭제
passkeys-remove-one = 패스키 삭제: { $name }
passkeys-removed = 계정에서 패스키를 삭제했습니다. 기기에서도 삭제해 주세요.
passkeys-name-wrong = 이름은 1자에서 100자까지 쓸 수 있습니다.
passkeys-last-way = 이 패스키를 삭제하면 로그인할 수 없게 됩니다. 먼저 비밀번호를 정하거나 다른 패스키를 추가해 주세요.
passkeys-unnamed = 패스키

passkey-new-heading = 패스키 추가
passkey-new-what = 기기에서 지문, 얼굴 또는 PIN을 확인합니다. 이 정보는 기기 밖으로 나가지 않습니다.
passkey-offer = 패스키는 비밀번호보다 빠르고, 이 사이트를 흉내 낸 페이지에서는 쓸 수 없습니다. 나중에 계정에서 추가할 수도 있습니다.
passkey-offer-later = 나중에 하기
passkey-new-submit = 패스키 만들기
passkey-new-back = 내 패스키로 돌아가기
passkey-new-unable = 이 브라우저에서는 패스키를 만들 수 없습니다. 다른 브라우저나 기기를 사용해 주세요.
passkey-new-cancelled = 패스키를 만들지 않았습니다. 취소했거나 시간이 지났거나, 기기에 화면 잠금이 없을 수 있습니다.
passkey-new-known = 이 기기에는 이미 이 사이트 계정의 패스키가 있습니다.
passkey-new-refused = 이 패스키는 쓸 수 없습니다. 기기에서 본인 확인을 해야 하므로 화면 잠금이나 PIN을 설정한 뒤 다시 시도해 주세요.
passkey-new-too-many = 패스키가 너무 많습니다. 쓰지 않는 패스키를 먼저 삭제해 주세요.

passkey-sign-in = 패스키로 로그인
passkey-heading = 패스키를 사용해 주세요
passkey-use = 패스키 사용하기
passkey-cancelled = 패스키를 사용하지 않았습니다. 취소했거나 시간이 지났거나, 이 기기에 이 사이트의 패스키가 없을 수 있습니다.
passkey-origin = 이 주소에서는 패스키를 쓸 수 없습니다. 사이트 관리자에게 알려 주세요.
passkey-unable = 이 브라우저에서는 패스키를 쓸 수 없습니다. 다른 브라우저나 기기를 사용해 주세요.
passkey-stale = 페이지가 오래 열려 있었습니다. 다시 시도해 주세요.
passkey-refused = 패스키를 확인하지 못했습니다. 계정에서 삭제된 패스키일 수 있습니다.

confirm-passkey-why = 계속하려면 내 패스키를 사용해 주세요.
factor-prove-consequence = 2단계 로그인을 사용하는 계정입니다. 계속하려면 코드를 입력해 주세요.

login-problem-passkey = 패스키를 확인하지 못했습니다
login-advice-passkey = 계정에서 삭제된 패스키일 수 있습니다. 다른 패스키나 비밀번호를 사용해 주세요.
login-advice-passkey-stale = 패스키를 한 번 더 사용해 주세요.

password-none = 없음
password-choose = 비밀번호 정하기
password-remove = 비밀번호 삭제
password-remove-consequence = 그다음부터는 패스키로 로그인합니다. 비밀번호는 이메일로 받은 링크로만 다시 정할 수 있습니다.

event-password-removed = 비밀번호를 삭제했습니다
event-passkey-added = 패스키를 추가했습니다
event-passkey-removed = 패스키를 삭제했습니다
event-passkey-cloned = 복사본이 있을 수 있는 패스키를 거부했습니다. 그 패스키를 삭제하고 다른 패스키를 추가해 주세요.
