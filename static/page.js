// Small comforts. Every page is complete without them.
"use strict";

const password = document.getElementById("password");
const reveal = document.getElementById("reveal");
const capsLock = document.getElementById("caps-lock");

if (password && reveal) {
  reveal.hidden = false;
  reveal.addEventListener("click", () => {
    const shown = password.type === "text";
    password.type = shown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!shown));
    reveal.textContent = shown ? reveal.dataset.show : reveal.dataset.hide;
  });
}

if (password && capsLock) {
  password.addEventListener("keyup", (event) => {
    capsLock.hidden = !event.getModifierState("CapsLock");
  });
}

// A scope whose box is unticked joins the list of what the app will not be able to do.
const boxes = document.querySelectorAll("input[type=checkbox][name=scope]");
const keepCannotTrue = () => {
  for (const box of boxes) {
    for (const line of document.querySelectorAll("[data-scope]")) {
      if (line.dataset.scope === box.value) line.hidden = box.checked;
    }
  }
};
for (const box of boxes) box.addEventListener("change", keepCannotTrue);
if (boxes.length > 0) {
  keepCannotTrue();
  // The back button may restore ticks after this script ran.
  addEventListener("pageshow", keepCannotTrue);
}
