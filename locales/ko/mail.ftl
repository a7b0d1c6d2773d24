# 이메일 문구.

mail-test-subject = { $product } 시험 메일
mail-test-text = 메일 발송이 정상적으로 작동합니다. 따로 하실 일은 없습니다.
