// OAuth 2.0 Form Post Response Mode: the answer is posted to the client as soon as the page is there.
"use strict";

document.getElementById("form-post").submit();
