//! A browser without JavaScript: cookies, forms, and pages that navigate on.

use reqwest::{
    Client, Response, StatusCode,
    header::{HeaderMap, LOCATION},
    redirect::Policy,
};

use super::server::PASSWORD;

/// A browser with a cookie jar of its own.
pub(crate) struct Browser {
    http: Client,
    origin: String,
}

/// What an address answered.
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

    /// One request; redirects are not followed.
    pub(crate) async fn get(&self, url: &str) -> Page {
        let url = self.absolute(url);
        Page::read(self.http.get(&url).send().await.expect("an answer"), url).await
    }

    /// Posts a form.
    pub(crate) async fn post(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        let url = self.absolute(url);
        Page::read(self.http.post(&url).form(fields).send().await.expect("an answer"), url).await
    }

    /// Opens an address and follows redirects and navigating pages for as long as they stay on our server.
    pub(crate) async fn open(&self, url: &str) -> Page {
        let page = self.get(url).await;
        self.follow(page).await
    }

    /// Follows a page until one asks for something, or leads elsewhere.
    pub(crate) async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            match page.next() {
                Some(next) if self.absolute(&next).starts_with(&self.origin) => page = self.get(&next).await,
                _ => return page,
            }
        }
        panic!("the browser goes in circles: {page:?}");
    }

    /// Fills in the sign-in page.
    pub(crate) async fn sign_in(&self, login: &Page, username: &str) -> Page {
        self.sign_in_with(login, username, PASSWORD).await
    }

    /// Fills in the sign-in page with a password of the test's own.
    pub(crate) async fn sign_in_with(&self, login: &Page, username: &str, password: &str) -> Page {
        assert!(login.body.contains("id=\"login\""), "not the sign-in page: {login:?}");
        let (request, csrf) = (login.hidden("request"), login.hidden("csrf"));
        let fields = [("request", &*request), ("csrf", &csrf), ("username", username), ("password", password)];
        let page = self.post("/login", &fields).await;
        self.follow(page).await
    }

    /// Allows these scopes on the consent page.
    pub(crate) async fn allow(&self, consent: &Page, scopes: &[&str]) -> Page {
        self.decide(consent, scopes, "approve").await
    }

    /// Refuses everything on the consent page.
    pub(crate) async fn deny(&self, consent: &Page) -> Page {
        self.decide(consent, &[], "deny").await
    }

    async fn decide(&self, consent: &Page, scopes: &[&str], decision: &str) -> Page {
        assert!(consent.body.contains("id=\"approve\""), "not the consent page: {consent:?}");
        let (request, csrf) = (consent.hidden("request"), consent.hidden("csrf"));
        let mut fields = vec![("request", &*request), ("csrf", &csrf), ("decision", decision)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        let page = self.post("/consent", &fields).await;
        self.follow(page).await
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') { format!("{}{url}", self.origin) } else { url.to_owned() }
    }
}

impl Page {
    async fn read(response: Response, url: String) -> Self {
        Self {
            url,
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.expect("a body"),
        }
    }

    /// A header's value, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where the page leads by itself: a redirect, or a page that navigates on.
    pub(crate) fn next(&self) -> Option<String> {
        if let Some(location) = self.headers.get(LOCATION) {
            return Some(location.to_str().expect("a location in ASCII").to_owned());
        }
        let refresh = self.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1)?;
        Some(unescape(refresh.split('"').next()?))
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

    /// A parameter of the address that the page leads to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let next = self.next()?;
        let url = url::Url::parse(&next).unwrap_or_else(|error| panic!("{next}: {error}"));
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
