error-code = Code
error-description = For the app’s developers
error-request-id = Reference
error-continue = Go on

interrupted-continue = Go on
interrupted-expired = This page was open too long
interrupted-expired-advice = For your safety it no longer counts. Nothing was shared and nothing is lost: go on where you were.
interrupted-answered = This was already answered
interrupted-answered-advice = Perhaps in another tab, or you went back to this page. Nothing was done twice.
interrupted-cookie = Your browser did not bring its cookie along
interrupted-cookie-advice = This server remembers you by a cookie, and it was missing. If your browser blocks cookies, allow them for this address, then go on.
interrupted-gone = This request is no longer waiting
interrupted-gone-advice = It has expired or was finished. Please open the app again and start from there.
