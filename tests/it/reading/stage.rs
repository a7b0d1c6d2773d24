//! A server with the users and apps of a situation, and one browser.

use serde_json::json;
use writ::{
    config::RegistrationMode,
    fault::Fault,
    store::{
        Tx,
        resources::{self, ScopeText},
    },
    web::locale::Locale,
};

use super::{Kind, Situation};
use crate::support::{Answer, App, Browser, Page, TestServer, registrar};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(super) struct Stage {
    pub(super) server: TestServer,
    app: App,
    browser: Browser,
    /// The tokens of an earlier grant.
    before: Option<Answer>,
    /// The codes of a device.
    codes: Option<Answer>,
}

/// The text of the page's element with this id.
pub(super) fn statement(page: &Page, id: &str) -> String {
    let start = format!("id=\"{id}\">");
    let rest = page.body.split(&start).nth(1).unwrap_or_else(|| panic!("no {id}: {}", page.body));
    rest.split('<').next().unwrap_or_default().replace("&#39;", "'").replace("&#34;", "\"")
}

/// Gives the scopes of Talk the words of the demonstration, for readers.
fn describe_scopes(tx: &mut Tx<'_>) -> Result<(), Fault> {
    for mut scope in resources::list(tx)?.into_iter().flat_map(|server| server.scopes) {
        let [english, korean] = match scope.name.as_str() {
            "profile:read" => [
                ["See your name", "The app learns the name and the handle that you use on Talk."],
                ["톡 이름과 아이디 보기", "톡에서 쓰는 이름과 아이디를 앱이 알 수 있습니다."],
            ],
            "message:read" => [
                ["Read your messages", "Everything you and your friends wrote and will write."],
                ["내 메시지 읽기", "지금까지 주고받은 메시지와 앞으로 주고받을 메시지를 앱이 모두 볼 수 있습니다."],
            ],
            _ => [
                ["Send messages in your name", "Your friends see them as coming from you."],
                ["내 이름으로 메시지 보내기", "친구들에게는 내가 보낸 메시지로 보입니다."],
            ],
        };
        for (language, [sentence, consequence]) in [("en", english), ("ko", korean)] {
            let text = ScopeText { sentence: sentence.to_owned(), consequence: consequence.to_owned() };
            scope.texts.insert(language.to_owned(), text);
        }
        resources::update_scope(tx, &scope)?;
    }
    Ok(())
}

impl Stage {
    pub(super) async fn set(situation: &Situation) -> Self {
        let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
        server.write(describe_scopes).await;
        server.server.refresh().await.expect("read");
        let refreshes = json!(["authorization_code", "refresh_token"]);
        let app = match situation.kind {
            Kind::Shop => server.shop().await,
            Kind::Mailer => {
                let metadata = json!({ "client_name": "Mailer", "implicit_offline_access": true,
                    "redirect_uris": ["https://mailer.example/callback"] });
                server.register("mailer", metadata).await
            }
            Kind::Native => server.native().await,
            Kind::Newcomer => registrar::register(&server, json!({ "grant_types": refreshes })).await.0,
            Kind::LookAlike => {
                let metadata = json!({ "client_name": "Sh0p", "grant_types": refreshes,
                    "redirect_uris": ["https://sh0p-login.example/callback"] });
                let (app, _) = registrar::register(&server, metadata).await;
                server.shop().await;
                app
            }
            Kind::Television => {
                let metadata = json!({ "client_name": "Television", "token_endpoint_auth_method": "none",
                    "grant_types": [DEVICE, "refresh_token"] });
                server.register("tv", metadata).await
            }
        };
        let browser = server.browser();
        let before = match situation.before {
            Some(scope) => Some(app.tokens_in(&browser, "alice", scope).await),
            None => None,
        };
        let codes = match situation.kind {
            Kind::Television => Some(app.post("/device_authorization", &[("scope", situation.requested)]).await.ok()),
            _ => None,
        };
        Self { server, app, browser, before, codes }
    }

    /// The consent page in this language.
    pub(super) async fn page(&self, situation: &Situation, locale: Locale) -> Page {
        let language = locale.to_string();
        self.browser.post("/language", &[("locale", &*language), ("return_to", "/")]).await;
        let page = match &self.codes {
            None => self.signed_in(&self.app.authorize_url(situation.requested, &[])).await,
            Some(codes) => {
                self.signed_in("/device").await;
                let page = self.browser.open("/device").await;
                let typed = [("csrf", &*page.hidden("csrf")), ("user_code", codes.text("user_code"))];
                self.browser.post("/device", &typed).await
            }
        };
        assert!(page.is_consent(), "{}: {page:?}", situation.name);
        page
    }

    async fn signed_in(&self, url: &str) -> Page {
        let page = self.browser.open(url).await;
        if page.is_login() { self.browser.sign_in(&page, "alice").await } else { page }
    }

    /// Allows the ticked scopes after the reader's changes. Returns the host of the redirect, and
    /// the tokens.
    pub(super) async fn allow(&self, situation: &Situation, page: &Page) -> (Option<String>, Answer) {
        let answered = self.post(situation, page, "approve").await;
        match &self.codes {
            Some(codes) => {
                let code = codes.text("device_code");
                let poll = [("grant_type", DEVICE), ("device_code", code)];
                (None, self.app.post("/token", &poll).await.ok())
            }
            None => {
                let sent = self.browser.follow(answered).await;
                let url = url::Url::parse(&sent.next().expect("a redirect")).expect("a URL");
                (url.host_str().map(str::to_owned), self.app.exchange(&sent).await.ok())
            }
        }
    }

    /// Denies, and returns the scope of the remaining access.
    pub(super) async fn deny(&self, situation: &Situation, page: &Page) -> Option<String> {
        self.post(situation, page, "deny").await;
        match &self.before {
            Some(before) => Some(self.app.refresh(before.text("refresh_token")).await.ok().text("scope").to_owned()),
            None => {
                assert_eq!(self.server.count("grants").await, 0, "{}", situation.name);
                None
            }
        }
    }

    async fn post(&self, situation: &Situation, page: &Page, decision: &str) -> Page {
        let scopes = ticked(situation, page);
        let preset = ["once", "30_days", "until_revoked"].into_iter().find(|it| is_checked(page, "duration", it));
        let duration = situation.duration.or(preset).expect("a preset duration");
        let csrf = page.hidden("csrf");
        let (name, id) = match self.codes {
            Some(_) => ("user_code", page.hidden("user_code")),
            None => ("request", page.hidden("request")),
        };
        let mut fields = vec![("csrf", &*csrf), (name, &*id), ("duration", duration), ("decision", decision)];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        let path = if self.codes.is_some() { "/device" } else { "/consent" };
        self.browser.post(path, &fields).await
    }

    pub(super) async fn sign_out(&self) {
        let page = self.browser.open("/logout").await;
        self.browser.post("/logout", &[("csrf", &*page.hidden("csrf")), ("request", "")]).await;
        assert!(self.browser.open("/account").await.is_login());
    }

    /// Disconnects the app on the linked page.
    pub(super) async fn disconnect(&self) {
        let page = self.browser.open("/account/apps").await;
        let csrf = page.hidden("csrf");
        let fields = [("csrf", &*csrf), ("client_id", &*self.app.id)];
        self.browser.post("/account/apps", &fields).await;
    }

    pub(super) async fn refreshes(&self, tokens: &Answer) -> bool {
        self.refresh(tokens.text("refresh_token")).await.is_some()
    }

    /// Refreshes, and returns the next refresh token. `None` if it was refused.
    pub(super) async fn refresh(&self, refresh_token: &str) -> Option<String> {
        let refreshed = self.app.refresh(refresh_token).await;
        if refreshed.status == 200 {
            return Some(refreshed.json["refresh_token"].as_str().unwrap_or(refresh_token).to_owned());
        }
        assert_eq!(refreshed.refused(400), "invalid_grant");
        None
    }
}

/// The scopes that the form sends after the reader's changes: the locked and the ticked ones.
pub(super) fn ticked(situation: &Situation, page: &Page) -> Vec<&'static str> {
    let is_sent = |scope: &&str| {
        let hidden = page.body.contains(&format!("type=\"hidden\" name=\"scope\" value=\"{scope}\""));
        hidden || is_checked(page, "scope", scope) != situation.changed.contains(scope)
    };
    situation.requested.split(' ').filter(is_sent).collect()
}

fn is_checked(page: &Page, name: &str, value: &str) -> bool {
    let input = format!("name=\"{name}\" value=\"{value}\"");
    page.body.split(&input).nth(1).and_then(|rest| rest.split('>').next()).is_some_and(|rest| rest.contains(" checked"))
}
