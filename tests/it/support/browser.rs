//! A browser without JavaScript: cookies, forms, and pages that navigate automatically.

use reqwest::{
    Client, Response, StatusCode,
    header::{COOKIE, HeaderMap, LOCATION},
    redirect::Policy,
};

use super::seed::PASSWORD;

/// A browser with a cookie jar of its own.
pub(crate) struct Browser {
    http: Client,
    origin: String,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(origin: &str) -> Self {
        let http = Client::builder().cookie_store(true).redirect(Policy::none()).build().expect("an HTTP client");
        Self { http, origin: origin.to_owned() }
    }

    /// Another browser that sends these cookies, whatever the server sets.
    pub(crate) fn with_cookies(&self, cookies: &str) -> Self {
        let headers = HeaderMap::from_iter([(COOKIE, cookies.parse().expect("a header"))]);
        let http = Client::builder().default_headers(headers).redirect(Policy::none()).build();
        Self { http: http.expect("an HTTP client"), origin: self.origin.clone() }
    }

    /// The same browser, with its cookies, at another node.
    pub(crate) fn at(&self, origin: &str) -> Self {
        Self { http: self.http.clone(), origin: origin.to_owned() }
    }

    /// Sends one GET. Redirects are not followed.
    pub(crate) async fn get(&self, url: &str) -> Page {
        self.try_get(url).await.expect("an answer")
    }

    /// As `get`, if the server may have stopped.
    pub(crate) async fn try_get(&self, url: &str) -> Result<Page, reqwest::Error> {
        let url = self.absolute(url);
        Page::read(self.http.get(&url).send().await?, url).await
    }

    /// As `get`, with another method or header.
    pub(crate) async fn try_out(&self, url: &str, method: reqwest::Method, header: Option<(&str, &str)>) -> Page {
        let url = self.absolute(url);
        let mut request = self.http.request(method, &url);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        Page::read(request.send().await.expect("a response"), url).await.expect("a page")
    }

    /// Posts a form.
    pub(crate) async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        let url = self.absolute(url);
        let answered = self.http.post(&url).form(fields).send().await.expect("an answer");
        Page::read(answered, url).await.expect("a page")
    }

    /// Opens a URL and follows redirects and automatic navigation while they stay on the server.
    pub(crate) async fn open(&self, url: &str) -> Page {
        let page = self.get(url).await;
        self.follow(page).await
    }

    /// Follows a page until there is a form, or it leads to another server.
    pub(crate) async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            match page.next() {
                Some(next) if self.absolute(&next).starts_with(&self.origin) => page = self.get(&next).await,
                _ => return page,
            }
        }
        panic!("the browser goes in circles: {page:?}");
    }

    /// Submits the sign-in page.
    pub(crate) async fn sign_in(&self, login: &Page, username: &str) -> Page {
        self.sign_in_with(login, username, PASSWORD).await
    }

    /// Submits the sign-in page with this password.
    pub(crate) async fn sign_in_with(&self, login: &Page, username: &str, password: &str) -> Page {
        let page = self.post_password(login, username, password).await;
        self.follow(page).await
    }

    /// Posts the form of the sign-in page, without following the response.
    pub(crate) async fn post_password(&self, login: &Page, username: &str, password: &str) -> Page {
        assert!(login.is_login(), "not the sign-in page: {login:?}");
        let (request, csrf) = (login.hidden("request"), login.hidden("csrf"));
        let return_to = login.find_hidden("return_to").unwrap_or_default();
        let mut fields = vec![("request", &*request), ("csrf", &*csrf), ("username", username), ("password", password)];
        if !return_to.is_empty() {
            fields.push(("return_to", &return_to));
        }
        self.post("/login", &fields).await
    }

    /// Allows these scopes on the consent page.
    pub(crate) async fn allow(&self, consent: &Page, scopes: &[&str]) -> Page {
        self.decide(consent, scopes, "approve").await
    }

    /// Denies the request on the consent page.
    pub(crate) async fn deny(&self, consent: &Page) -> Page {
        self.decide(consent, &[], "deny").await
    }

    async fn decide(&self, consent: &Page, scopes: &[&str], decision: &str) -> Page {
        let page = self.post_decision(consent, scopes, decision).await;
        self.after_decision(page).await
    }

    /// Continues after a decision. The page after a denial needs a click on its link.
    pub(crate) async fn after_decision(&self, page: Page) -> Page {
        match page.way_back() {
            Some(link) => self.open(&link).await,
            None => self.follow(page).await,
        }
    }

    /// Posts the form of the consent page, without following the response.
    pub(crate) async fn post_decision(&self, consent: &Page, scopes: &[&str], decision: &str) -> Page {
        assert!(consent.is_consent(), "not the consent page: {consent:?}");
        let (request, csrf) = (consent.hidden("request"), consent.hidden("csrf"));
        let mut fields = vec![("request", &*request), ("csrf", &csrf), ("decision", decision)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        self.post("/consent", &fields).await
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') { format!("{}{url}", self.origin) } else { url.to_owned() }
    }
}

impl Page {
    async fn read(response: Response, url: String) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { url, status, headers, body: response.text().await? })
    }

    /// Whether it is the sign-in page.
    pub(crate) fn is_login(&self) -> bool {
        self.body.contains("id=\"login\"")
    }

    /// Whether it is the consent page.
    pub(crate) fn is_consent(&self) -> bool {
        self.body.contains("id=\"approve\"")
    }

    /// Whether it is an error page without automatic navigation.
    pub(crate) fn is_error(&self) -> bool {
        self.status == StatusCode::BAD_REQUEST && self.body.contains("id=\"error\"") && self.next().is_none()
    }

    /// The value of a cookie that the response sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let value = set.filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('=')).next()?;
        Some(value.split(';').next()?.to_owned())
    }

    /// The value of a header. Empty if it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The target of a redirect or of automatic navigation.
    pub(crate) fn next(&self) -> Option<String> {
        if let Some(location) = self.headers.get(LOCATION) {
            return Some(location.to_str().expect("a location in ASCII").to_owned());
        }
        let refresh = self.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1)?;
        Some(unescape(refresh.split('"').next()?))
    }

    /// The link on the page after a denial.
    pub(crate) fn way_back(&self) -> Option<String> {
        let link = self.body.split("id=\"denied\"").nth(1)?.split("id=\"continue\" href=\"").nth(1)?;
        Some(unescape(link.split('"').next()?))
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        self.find_hidden(name).unwrap_or_else(|| panic!("no hidden field {name}: {self:?}"))
    }

    /// The value of a hidden field, if there is one.
    pub(crate) fn find_hidden(&self, name: &str) -> Option<String> {
        let start = format!("type=\"hidden\" name=\"{name}\" value=\"");
        let value = self.body.split(&start).nth(1)?;
        Some(unescape(value.split('"').next()?))
    }

    /// A parameter of the URL that the page leads to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let next = self.next()?;
        let base = url::Url::parse(&self.url).unwrap_or_else(|error| panic!("{}: {error}", self.url));
        let url = base.join(&next).unwrap_or_else(|error| panic!("{next}: {error}"));
        url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

fn unescape(html: &str) -> String {
    html.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
}
