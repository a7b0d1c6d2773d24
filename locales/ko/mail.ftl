# 이메일 문구.

mail-test-subject = { $product } 시험 메일
mail-test-text = 메일 발송이 정상적으로 작동합니다. 따로 하실 일은 없습니다.

mail-recovery-subject = { $product } 새 비밀번호 정하기
mail-recovery-text = { $username } 계정의 새 비밀번호를 요청하셨나요? 그렇다면 아래 링크를 열어 주세요.
mail-recovery-action = 새 비밀번호 정하기
mail-recovery-ignore = 요청한 적이 없다면 아무것도 하지 않으셔도 됩니다. 비밀번호는 그대로 유지됩니다.
mail-link-ends = 이 링크는 { $duration } 동안 한 번만 쓸 수 있습니다.

mail-verification-subject = { $product } 이메일 주소 확인
mail-verification-text = { $username } 계정에 이 주소가 입력되었습니다. 본인이시라면 아래 링크를 열어 주세요.
mail-verification-digits = 또는 입력란에 다음 숫자 6자리를 입력해 주세요: { $digits }
mail-verification-action = 주소 확인하기
mail-verification-ignore = 본인이 아니라면 아무것도 하지 않으셔도 됩니다. 주소는 등록되지 않습니다.

mail-taken-subject = { $product } 이메일 주소 안내
mail-taken-text = 누군가 다른 계정에 이 주소를 입력했습니다. 주소는 { $username } 계정에 그대로 있습니다. 따로 하실 일은 없습니다.

notice-email-changed-subject = { $product } 이메일 주소가 변경되었습니다
notice-email-changed = { $username } 계정의 이메일 주소가 { $moment }에 다른 주소로 변경되었습니다. 변경한 곳: { $network }
notice-not-me = 본인이 아니라면 아래 링크를 열어 주세요. 모든 곳에서 로그아웃되고 지금의 비밀번호는 쓸 수 없게 되며, 새 비밀번호를 정하게 됩니다.
notice-action = 제가 아닙니다
notice-ignore = 본인이시라면 아무것도 하지 않으셔도 됩니다.

notice-password-subject = { $product } 비밀번호가 변경되었습니다
notice-password = { $username } 계정의 비밀번호가 { $moment }에 변경되었습니다. 변경한 곳: { $network }
notice-password-removed-subject = { $product } 비밀번호가 삭제되었습니다
notice-password-removed = { $username } 계정의 비밀번호가 { $moment }에 삭제되었습니다. 삭제한 곳: { $network }
notice-factor-set-up-subject = { $product } 2단계 로그인이 켜졌습니다
notice-factor-set-up = { $username } 계정의 2단계 로그인이 { $moment }에 켜졌습니다. 변경한 곳: { $network }
notice-factor-removed-subject = { $product } 2단계 로그인이 꺼졌습니다
notice-factor-removed = { $username } 계정의 2단계 로그인이 { $moment }에 꺼졌습니다. 변경한 곳: { $network }
notice-passkey-added-subject = { $product } 패스키가 추가되었습니다
notice-passkey-added = { $username } 계정에 로그인할 수 있는 패스키가 { $moment }에 추가되었습니다. 추가한 곳: { $network }
notice-passkey-removed-subject = { $product } 패스키가 삭제되었습니다
notice-passkey-removed = { $username } 계정의 패스키가 { $moment }에 삭제되었습니다. 삭제한 곳: { $network }
notice-new-browser-subject = { $product } 새로운 로그인
notice-new-browser = { $username } 계정에 처음 쓰는 브라우저로 로그인했습니다. 시각: { $moment }, 로그인한 곳: { $network }

mail-sign-up-subject = { $product } 계정 만들기
mail-sign-up-text = 새 계정을 위해 이 주소가 입력되었습니다. 본인이시라면 아래 링크를 열고, 정하신 비밀번호를 입력하거나 만드신 패스키를 사용해 주세요.
mail-sign-up-ignore = 본인이 아니라면 아무것도 하지 않으셔도 됩니다. 계정은 만들어지지 않습니다.
mail-sign-up-taken-text = 누군가 새 계정을 위해 이 주소를 입력했습니다. 이 주소에는 이미 { $username } 계정이 있습니다. 본인이시라면 로그인하시거나 로그인 페이지에서 새 비밀번호를 요청해 주세요.
mail-invitation-subject = { $product } 초대
mail-invitation-text = 계정을 만들도록 초대받으셨습니다. 이름과 비밀번호를 정하시면 됩니다.
