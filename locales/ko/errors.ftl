error-code = 오류 코드
error-description = 앱 개발자를 위한 설명
error-request-id = 참조 번호

interrupted-continue = 계속하기
interrupted-expired = 페이지가 너무 오래 열려 있었습니다
interrupted-expired-advice = 안전을 위해 이 페이지는 더 이상 사용할 수 없습니다. 전달되거나 사라진 것은 없으니 하던 일을 계속해 주세요.
interrupted-answered = 이미 응답한 요청입니다
interrupted-answered-advice = 다른 탭에서 응답했거나 이 페이지로 되돌아온 것 같습니다. 두 번 처리된 것은 없습니다.
interrupted-cookie = 브라우저가 쿠키를 보내지 않았습니다
interrupted-cookie-advice = 이 서버는 쿠키로 브라우저를 알아보는데 쿠키가 없었습니다. 쿠키를 차단하고 있다면 이 주소에서 허용한 뒤 계속해 주세요.
interrupted-gone = 더 이상 대기 중인 요청이 아닙니다
interrupted-over-advice = 만료되었거나 다른 탭에서 이미 끝난 요청입니다. 전달되거나 사라진 것은 없습니다. 계속하면 처음부터 다시 시작합니다.
interrupted-gone-advice = 만료되었거나 이미 끝난 요청입니다. 앱을 다시 열어 처음부터 시작해 주세요.
interrupted-gone-advice-app = 만료되었거나 이미 끝난 요청입니다. { $app } 앱으로 돌아가 처음부터 시작해 주세요.

error-request = 사용할 수 없는 링크입니다
error-request-advice = 앱에서 보낸 요청에 이 서버가 응답할 수 없습니다. 전달된 정보는 없습니다. 앱을 만든 곳에 알려 주세요.
error-fault = 서버에 문제가 생겼습니다
error-fault-advice = 서버 쪽의 문제입니다. 잠시 뒤에 다시 시도해 주세요. 문제가 계속되면 아래 참조 번호를 알려 주세요.
error-not-found = 없는 페이지입니다
error-not-found-advice = 주소가 잘못되었거나 페이지가 옮겨졌을 수 있습니다.
error-busy = 지금은 요청이 너무 많습니다
error-busy-advice = 지금은 서버가 처리할 수 없습니다. 몇 초 뒤에 다시 시도해 주세요.
