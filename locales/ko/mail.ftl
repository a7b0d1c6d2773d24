# 이메일 문구.

mail-test-subject = { $product } 시험 메일
mail-test-text = 메일 발송이 정상적으로 작동합니다. 따로 하실 일은 없습니다.

mail-recovery-subject = { $product } 새 비밀번호 정하기
mail-recovery-text = { $username } 계정의 새 비밀번호를 요청하셨나요? 그렇다면 아래 링크를 열어 주세요.
mail-recovery-action = 새 비밀번호 정하기
mail-recovery-ignore = 요청한 적이 없다면 아무것도 하지 않으셔도 됩니다. 비밀번호는 그대로 유지됩니다.
mail-link-ends = 이 링크는 { $duration } 동안 한 번만 쓸 수 있습니다.
