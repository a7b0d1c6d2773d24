error-code = Code
error-description = For the app’s developers
error-request-id = Reference

interrupted-continue = Go on
interrupted-expired = This page was open too long
interrupted-expired-advice = For your safety it no longer counts. Nothing was shared and nothing is lost: go on where you were.
interrupted-answered = This was already answered
interrupted-answered-advice = Perhaps in another tab, or you went back to this page. Nothing was done twice.
interrupted-cookie = Your browser did not send its cookie
interrupted-cookie-advice = This server remembers you by a cookie, and it was missing. If your browser blocks cookies, allow them for this address, then go on.
interrupted-gone = This request is no longer waiting
interrupted-over-advice = It has expired, or was finished in another tab. Nothing was shared here and nothing is lost: go on, and it starts again.
interrupted-gone-advice = It has expired or was finished. Please open the app again and start from there.
interrupted-gone-advice-app = It has expired or was finished. Please go back to { $app } and start from there.

error-request = This link does not work
error-request-advice = The app that sent you here asked in a way this server cannot answer. Nothing was shared. Please tell the people who make the app.
error-fault = Something broke on our side
error-fault-advice = It is not your fault. Please try again in a moment; if it keeps happening, tell us the reference below.
error-not-found = There is no such page
error-not-found-advice = The address may be mistyped, or the page may have moved.
error-busy = Too much at once
error-busy-advice = The server has more to do than it can right now. Please try again in a few seconds.
