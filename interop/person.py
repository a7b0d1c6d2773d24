"""A user with a browser, who signs in, allows everything and signs out on the real pages."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx2

USERNAME = "mina"
#: Maximum number of redirects and pages until the browser reaches the expected URL.
_STEPS = 20


class Person:
    """Uses the pages by the ids and names that are stable for automation."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._browser = httpx2.Client()

    def close(self) -> None:
        self._browser.close()

    def open(self, url: str, *, until: str) -> str:
        """Opens `url` and continues until a redirect to a URL that starts with `until`."""
        for _ in range(_STEPS):
            if url.startswith(until):
                return url
            url = self._answer(self._browser.get(url))
        raise AssertionError(f"the browser never came to {until}: it is at {url}")

    def visit(self, url: str) -> httpx2.Response:
        """Goes to `url` and on, until there is a page that is none of Writ's forms."""
        for _ in range(_STEPS):
            page = self._browser.get(url)
            try:
                url = self._answer(page)
            except LookupError:
                return page
        raise AssertionError(f"the browser goes in circles: it is at {url}")

    def _answer(self, page: httpx2.Response) -> str:
        """Does what a page asks for, and says where it leads."""
        here = str(page.url)
        if "location" in page.headers:
            return urljoin(here, page.headers["location"])
        form = _Page(page.text)
        if form.refresh:
            return urljoin(here, form.refresh)
        if "login" in form.buttons:
            form.fields += [("username", USERNAME), ("password", self._password)]
        elif "approve" in form.buttons:
            form.fields += [("decision", "approve")]
        elif "logout" not in form.buttons:
            raise LookupError(f"{page.status_code} {here}: {page.text}")
        fields: dict[str, list[str]] = {}
        for name, value in form.fields:
            fields.setdefault(name, []).append(value)
        return self._answer(self._browser.post(urljoin(here, form.action), data=fields))


class _Page(HTMLParser):
    """The form of a page with all boxes ticked, or where the page navigates to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.refresh = ""
        self.fields: list[tuple[str, str]] = []
        self.buttons: set[str] = set()
        self._within = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        match tag:
            case "meta" if attributes.get("http-equiv") == "refresh":
                self.refresh = attributes["content"].partition("url=")[2]
            case "form" if attributes.get("action") != "/language":
                self.action, self._within = attributes.get("action", ""), True
            case "button" if self._within:
                self.buttons.add(attributes.get("id", ""))
            case "input" if self._within and attributes.get("type") in ("hidden", "checkbox"):
                self.fields.append((attributes["name"], attributes.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._within = False
