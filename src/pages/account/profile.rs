//! `/account/profile`: the user's claims, with a preview of what an app receives.

mod form;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde_json::Value;

pub use self::form::{Field, GROUPS, Group, Kind, ProfileForm};
use super::AccountContext;
use writ_core::{
    Error, Params, ScopeSet,
    vocabulary::{client_metadata::GroupsClaim, scope::OPENID_SCOPES, standard_claims::is_text},
};

use crate::{
    consent::openid_scope_texts,
    fault::Stop,
    server::{Call, Server},
    store::{
        security_events::{self, Kind as Event},
        users,
    },
    tokens::user_claims,
    web::{
        form::Body,
        page::{Page, PageContext},
    },
};

const HERE: &str = "/account/profile";

/// `GET /account/profile`.
pub async fn show(call: Call) -> HttpResponse {
    super::show_confirmed(&call, HERE, async |account| {
        let form = ProfileForm::of(&account.claims);
        answer(&call.server, account, form, Outcome::Unchanged)
    })
    .await
}

/// `POST /account/profile`.
pub async fn submit(call: Call, body: Body) -> HttpResponse {
    super::submit_confirmed(&call, &body, HERE, async |account, params| change(&call.server, account, &params).await)
        .await
}

async fn change(server: &Server, mut account: AccountContext, params: &Params) -> Result<HttpResponse, Stop> {
    let (user_id, network, params) = (account.signed_in.user.id, account.network.clone(), params.clone());
    let (user, form, outcome) = server
        .store
        .decide(move |tx| {
            // Read again under a lock, because other forms change the same row.
            users::lock(tx, user_id)?;
            let user = users::find(tx, user_id)?.ok_or_else(|| Error::invalid_request("the account was deleted"))?;
            let form = ProfileForm::of(&user.standard_claims()?).read(&params)?;
            if let Some(problem) = form.problem() {
                return Ok((user, form, problem));
            }
            users::set_claims(tx, user_id, &form.claims)?;
            security_events::record(tx, user_id, Event::ProfileChanged, None, &network)?;
            let saved = users::find(tx, user_id)?.unwrap_or(user);
            Ok((saved, form, Outcome::Saved))
        })
        .await?;
    account.signed_in.user = user;
    answer(server, account, form, outcome)
}

fn answer(server: &Server, account: AccountContext, form: ProfileForm, outcome: Outcome) -> Result<HttpResponse, Stop> {
    let groups = server.snapshot().groups.claim(&account.signed_in.user.groups(), GroupsClaim::Names);
    let preview = preview(&account, &groups)?;
    let email = account.signed_in.user.email.unwrap_or_default();
    Ok(ProfilePage { page: account.page, csrf: account.csrf, email, form, preview, outcome }.respond())
}

/// The claims that each scope of OpenID Connect discloses to an app, without the empty ones.
fn preview(account: &AccountContext, groups: &[String]) -> Result<Vec<Told>, Stop> {
    let mut preview = Vec::new();
    for scope in OPENID_SCOPES {
        let Some((sentence, _)) = openid_scope_texts(scope) else { continue };
        let mut claims = user_claims::of_scopes(&account.signed_in.user, groups, &ScopeSet::from_iter([scope]))?;
        claims.retain(|_, value| *value != Value::Array(Vec::new()));
        if scope == "openid" {
            claims.insert("sub".to_owned(), account.signed_in.user.id.to_string().into());
        }
        let claims: Vec<_> = claims
            .into_iter()
            .map(|(name, value)| (label(&account.page, &name), in_words(account, &name, &value)))
            .collect();
        if !claims.is_empty() {
            preview.push(Told { scope: account.page.text(sentence), claims });
        }
    }
    Ok(preview)
}

/// The label of a claim. A claim without a label is shown by its own name.
fn label(page: &PageContext, claim: &str) -> String {
    let mut fields = GROUPS.iter().flat_map(|group| group.fields);
    page.text(match claim {
        "sub" => "claim-sub",
        "preferred_username" => "claim-preferred-username",
        "profile" => "claim-profile",
        "picture" => "claim-picture",
        "zoneinfo" => "preferences-zone",
        "locale" => "languages",
        "updated_at" => "claim-updated-at",
        "email" => "profile-email",
        "email_verified" => "claim-email-verified",
        "phone_number_verified" => "claim-phone-number-verified",
        "address" => "profile-address",
        "groups" => "claim-groups",
        _ => match fields.find(|field| field.name == claim) {
            Some(field) => field.label,
            None => return claim.to_owned(),
        },
    })
}

fn in_words(account: &AccountContext, claim: &str, value: &Value) -> String {
    match (claim, value) {
        ("updated_at", value) => account.date_time(value.as_i64().unwrap_or_default()),
        ("gender", Value::String(gender)) => {
            gender_key(gender).map_or_else(|| gender.clone(), |key| account.page.text(key))
        }
        ("address", address) => address["formatted"].as_str().unwrap_or_default().to_owned(),
        (_, Value::Bool(true)) => account.page.text("claim-yes"),
        (_, Value::Bool(false)) => account.page.text("claim-no"),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (_, other) => other.to_string(),
    }
}

/// The message key of a value of the claim `gender`.
fn gender_key(gender: &str) -> Option<&'static str> {
    match gender {
        "female" => Some("gender-female"),
        "male" => Some("gender-male"),
        "other" => Some("gender-other"),
        _ => None,
    }
}

/// The claims that a scope discloses to an app.
pub struct Told {
    /// The description of the scope.
    pub scope: String,
    /// The label and the value of each claim.
    pub claims: Vec<(String, String)>,
}

/// The result of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The form was not submitted yet.
    Unchanged,
    /// The form was saved.
    Saved,
    /// The form was refused. The message key of the reason.
    Refused(&'static str),
}

/// The profile form with its preview.
#[derive(Template)]
#[template(path = "pages/account/profile.html")]
pub struct ProfilePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of the form.
    pub csrf: String,
    /// The e-mail address, which has a page of its own. Empty if there is none.
    pub email: String,
    /// The content of the form.
    pub form: ProfileForm,
    /// The preview.
    pub preview: Vec<Told>,
    /// The result of the form.
    pub outcome: Outcome,
}

impl ProfilePage {
    /// The values of `gender` with their labels. An unknown stored value is included.
    fn genders(&self) -> Vec<(String, String)> {
        let ours = ["female", "male", "other"];
        let stored = self.form.claims.gender.as_deref().filter(|gender| !ours.contains(gender));
        let named = |gender: &str| gender_key(gender).map_or_else(|| gender.to_owned(), |key| self.page.text(key));
        ours.into_iter().chain(stored).map(|gender| (gender.to_owned(), named(gender))).collect()
    }

    /// The fields of a group in the order of the language: some put the family name and the country
    /// first.
    fn fields(&self, group: &Group) -> Vec<&'static Field> {
        let order = self.page.text("profile-order");
        let place = |field: &&Field| order.split(' ').position(|name| name == field.name);
        let mut fields: Vec<&Field> = group.fields.iter().collect();
        fields.sort_by_key(place);
        fields
    }

    /// Whether the problem concerns this field.
    fn is_wrong(&self, field: &Field) -> bool {
        match self.outcome {
            Outcome::Refused("profile-too-long") => !is_text(&self.form.value(field)),
            Outcome::Refused(key) => key.strip_suffix("-wrong").is_some_and(|name| field.label.starts_with(name)),
            Outcome::Unchanged | Outcome::Saved => false,
        }
    }

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
