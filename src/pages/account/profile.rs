//! `/account/profile`: what a person tells about themselves, and what an app gets to see of it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use serde_json::Value;
use time::{Date, macros::format_description};
use url::Url;

use super::Visit;
use crate::{
    protocol::{Params, ScopeSet, StandardClaims},
    server::Server,
    store::{
        security_events::{self, Kind},
        users::{self, User},
    },
    tokens::person,
    web::{
        Failure, form,
        page::{Page, PageContext},
    },
};

const HERE: &str = "/account/profile";
/// The longest value of a field, in characters.
const MAX_CHARACTERS: usize = 200;

/// `GET /account/profile`.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    super::show_confirmed(&server, &request, HERE, async |visit| {
        let form = ProfileForm::of(&visit.signed_in.user, &visit.claims);
        answer(visit, form, Outcome::Unchanged)
    })
    .await
}

/// `POST /account/profile`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: form::Body) -> HttpResponse {
    super::submit_confirmed(&server, &request, &body, HERE, async |visit, params| change(&server, visit, &params).await)
        .await
}

async fn change(server: &Server, mut visit: Visit, params: &Params) -> Result<HttpResponse, Failure> {
    let form = ProfileForm::read(params)?;
    if let Some(key) = form.problem() {
        return answer(visit, form, Outcome::Refused(key));
    }
    let user = &mut visit.signed_in.user;
    form.apply(&mut visit.claims);
    let email = Some(users::normalize(&form.email)).filter(|email| !email.is_empty());
    user.email_verified &= user.email == email;
    user.email = email;
    user.claims =
        serde_json::to_string(&visit.claims).map_err(|error| crate::store::Fault::Corrupt(error.to_string()))?;
    let (stored, claims, network) = (user.clone(), visit.claims.clone(), visit.network.clone());
    let saved = server
        .store
        .write(move |tx| {
            users::change_profile(tx, stored.id, &claims, stored.email.as_deref(), stored.email_verified)?;
            security_events::record(tx, stored.id, Kind::ProfileChanged, None, &network)
        })
        .await;
    match saved {
        Ok(()) => answer(visit, form, Outcome::Saved),
        Err(fault) if fault.is_unique_violation() => answer(visit, form, Outcome::Refused("profile-email-taken")),
        Err(fault) => Err(fault.into()),
    }
}

fn answer(visit: Visit, form: ProfileForm, outcome: Outcome) -> Result<HttpResponse, Failure> {
    let seen = person::claims(&visit.signed_in.user, &["openid", "profile"].into_iter().collect::<ScopeSet>())?;
    let page = ProfilePage {
        preview: seen.into_iter().map(|(name, value)| (label(&visit.page, name), in_words(&visit, &value))).collect(),
        page: visit.page,
        csrf: visit.csrf,
        form,
        outcome,
    };
    Ok(page.respond())
}

/// What people call a claim of the scope `profile`; one that has no name in our texts keeps its own.
fn label(page: &PageContext, claim: String) -> String {
    page.text(match claim.as_str() {
        "sub" => "claim-sub",
        "preferred_username" => "claim-preferred-username",
        "name" => "profile-name",
        "given_name" => "profile-given-name",
        "family_name" => "profile-family-name",
        "nickname" => "profile-nickname",
        "website" => "profile-website",
        "birthdate" => "profile-birthdate",
        "zoneinfo" => "preferences-zone",
        "locale" => "languages",
        "updated_at" => "claim-updated-at",
        _ => return claim,
    })
}

fn in_words(visit: &Visit, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_i64().map_or_else(|| number.to_string(), |at| visit.date_time(at)),
        other => other.to_string(),
    }
}

/// What the form holds; an empty field is one not filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileForm {
    /// The claim `name`.
    pub name: String,
    /// The claim `given_name`.
    pub given_name: String,
    /// The claim `family_name`.
    pub family_name: String,
    /// The claim `nickname`.
    pub nickname: String,
    /// The claim `website`.
    pub website: String,
    /// The claim `birthdate`, `YYYY-MM-DD`.
    pub birthdate: String,
    /// The claim `phone_number`.
    pub phone_number: String,
    /// The claim `email`.
    pub email: String,
}

impl ProfileForm {
    fn of(user: &User, claims: &StandardClaims) -> Self {
        let text = |claim: &Option<String>| claim.clone().unwrap_or_default();
        Self {
            name: text(&claims.name),
            given_name: text(&claims.given_name),
            family_name: text(&claims.family_name),
            nickname: text(&claims.nickname),
            website: text(&claims.website),
            birthdate: text(&claims.birthdate),
            phone_number: text(&claims.phone_number),
            email: text(&user.email),
        }
    }

    fn read(params: &Params) -> Result<Self, Failure> {
        let text = |name| Ok::<_, Failure>(params.get(name)?.unwrap_or_default().trim().to_owned());
        Ok(Self {
            name: text("name")?,
            given_name: text("given_name")?,
            family_name: text("family_name")?,
            nickname: text("nickname")?,
            website: text("website")?,
            birthdate: text("birthdate")?,
            phone_number: text("phone_number")?,
            email: text("email")?,
        })
    }

    /// The key of the first problem's text.
    fn problem(&self) -> Option<&'static str> {
        let fields = [
            &self.name,
            &self.given_name,
            &self.family_name,
            &self.nickname,
            &self.website,
            &self.birthdate,
            &self.phone_number,
            &self.email,
        ];
        let is_web = |url: &str| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
        let is_day = |day: &str| Date::parse(day, format_description!("[year]-[month]-[day]")).is_ok();
        let is_phone = |number: &str| {
            number.chars().any(|c| c.is_ascii_digit())
                && number.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c))
        };
        let is_address = |email: &str| {
            !email.chars().any(|c| c.is_whitespace() || c.is_control())
                && email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
        };
        if fields.iter().any(|field| field.chars().count() > MAX_CHARACTERS || field.chars().any(char::is_control)) {
            return Some("profile-too-long");
        }
        if !self.email.is_empty() && !is_address(&self.email) {
            return Some("profile-email-wrong");
        }
        if !self.website.is_empty() && !is_web(&self.website) {
            return Some("profile-website-wrong");
        }
        if !self.birthdate.is_empty() && !is_day(&self.birthdate) {
            return Some("profile-birthdate-wrong");
        }
        if !self.phone_number.is_empty() && !is_phone(&self.phone_number) {
            return Some("profile-phone-wrong");
        }
        None
    }

    fn apply(&self, claims: &mut StandardClaims) {
        let claim = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        if claims.phone_number != claim(&self.phone_number) {
            claims.phone_number_verified = None;
        }
        claims.name = claim(&self.name);
        claims.given_name = claim(&self.given_name);
        claims.family_name = claim(&self.family_name);
        claims.nickname = claim(&self.nickname);
        claims.website = claim(&self.website);
        claims.birthdate = claim(&self.birthdate);
        claims.phone_number = claim(&self.phone_number);
    }
}

/// What became of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not sent yet.
    Unchanged,
    /// It was saved.
    Saved,
    /// It was not; the key of the reason's text.
    Refused(&'static str),
}

/// The profile's form and its preview.
#[derive(Template)]
#[template(path = "pages/account/profile.html")]
pub struct ProfilePage {
    /// The frame of the page.
    pub page: PageContext,
    /// The form's token.
    pub csrf: String,
    /// What the form holds.
    pub form: ProfileForm,
    /// What an app with the scope `profile` sees: each claim in words, and its value.
    pub preview: Vec<(String, String)>,
    /// What became of the form.
    pub outcome: Outcome,
}

impl ProfilePage {
    fn problem(&self) -> Option<String> {
        match self.outcome {
            Outcome::Refused(key) => Some(self.page.text(key)),
            Outcome::Unchanged | Outcome::Saved => None,
        }
    }
}

impl Page for ProfilePage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.outcome {
            Outcome::Refused(_) => StatusCode::BAD_REQUEST,
            Outcome::Unchanged | Outcome::Saved => StatusCode::OK,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("email", "minji@example.com", None)]
    #[case("email", "minji", Some("profile-email-wrong"))]
    #[case("email", "min ji@example.com", Some("profile-email-wrong"))]
    #[case("website", "https://minji.example", None)]
    #[case("website", "javascript:alert(1)", Some("profile-website-wrong"))]
    #[case("birthdate", "1990-02-28", None)]
    #[case("birthdate", "1990-02-30", Some("profile-birthdate-wrong"))]
    #[case("phone_number", "+82 (2) 123-4567", None)]
    #[case("phone_number", "call me", Some("profile-phone-wrong"))]
    #[case("name", &"가".repeat(200), None)]
    #[case("name", &"가".repeat(201), Some("profile-too-long"))]
    fn each_field_has_its_rule(#[case] field: &str, #[case] value: &str, #[case] problem: Option<&str>) {
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair(field, value).finish();
        let params = Params::parse(body.as_bytes()).expect("a form");
        assert_eq!(ProfileForm::read(&params).expect("a form").problem(), problem);
    }

    #[test]
    fn a_new_number_is_not_verified() {
        let mut claims = StandardClaims {
            phone_number: Some("+82 2 1".to_owned()),
            phone_number_verified: Some(true),
            ..StandardClaims::default()
        };
        let form = ProfileForm { phone_number: "+82 2 1".to_owned(), ..ProfileForm::default() };
        form.apply(&mut claims);
        assert_eq!(claims.phone_number_verified, Some(true));
        ProfileForm { phone_number: "+82 2 2".to_owned(), ..form }.apply(&mut claims);
        assert_eq!(claims.phone_number_verified, None);
    }
}
