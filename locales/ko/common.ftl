# No particle (을/를, 이/가, 은/는, 으로/로, 과/와) may follow a placeable: it would depend on the last sound of
# what is put in. A noun in between settles it: "{ $app } 앱이". A test holds this.

language-name = 한국어
languages = 언어
skip-to-content = 본문으로 건너뛰기
unencrypted = 암호화하지 않는 시험용 시스템입니다. 입력한 내용을 같은 네트워크의 다른 사람이 볼 수 있습니다.
terms = { $product } 이용약관
privacy = { $product } 개인정보 처리방침
title-error = 오류:

## Numbers, dates and spans of time

digit-group-separator = ,

date = { $year }년 { $month }월 { $day }일
date-time = { date } { $time }({ $zone })
duration =
    { $unit ->
        [day] { $count }일
        [hour] { $count }시간
        [minute] { $count }분
       *[second] { $count }초
    }
in-time = { duration } 뒤
time-ago = { duration } 전
