//! The initial content of the demonstration's database: two users, Talk with its scopes, and Shop.

use std::collections::{BTreeMap, HashMap};

use anyhow::anyhow;
use serde_json::json;

use super::{Addresses, shop, talk};
use writ_core::{
    ClientMetadata,
    token::access_token::TokenProfile,
    vocabulary::{acr::Acr, scope::Risk},
};

use crate::{
    secret::Secret,
    server::Server,
    store::{
        Id, clients,
        resources::{self, Scope, ScopeText},
        users::{self, User},
    },
};

/// Shop's `client_id`.
pub(super) const SHOP: &str = "shop";
/// The id of Talk as a resource server.
const TALK: &str = "talk";

/// A user of the demonstration.
pub struct DemoUser {
    /// The username, which is also the handle at Talk.
    pub username: &'static str,
    /// The password. It protects nothing, because the data is deleted at the end.
    pub password: &'static str,
    /// The display name.
    pub name: &'static str,
}

/// The users of the demonstration.
pub const USERS: [DemoUser; 2] = [
    DemoUser { username: "alice", password: "tide-atlas-at-noon", name: "Alice Martin" },
    DemoUser { username: "minji", password: "paper-boat-at-dawn", name: "김민지" },
];

/// What Shop and Talk need at start.
pub(super) struct Seeded {
    /// Shop's `client_secret`.
    pub(super) shop_secret: String,
    /// Talk's users by `sub`.
    pub(super) users: HashMap<String, talk::TalkUser>,
}

/// Fills an empty database.
///
/// # Errors
/// An error if the database refuses a row.
pub(super) async fn plant(server: &Server, addresses: &Addresses) -> anyhow::Result<Seeded> {
    let mut password_hashes = Vec::new();
    for demo_user in &USERS {
        password_hashes.push(server.passwords.hash(demo_user.password.to_owned().into(), None).await?);
    }
    let ids = USERS.map(|_| Id::now_v7());
    let users = ids.iter().zip(USERS).map(|(id, demo_user)| {
        (id.to_string(), talk::TalkUser { handle: demo_user.username.into(), name: demo_user.name.into() })
    });
    let secret = Secret::random();
    let seeded = Seeded { shop_secret: secret.expose(), users: users.collect() };

    let shop = shop_metadata(&addresses.shop)?;
    let audience = addresses.talk.clone();
    server
        .store
        .write(move |tx| {
            for ((demo_user, id), password_hash) in USERS.iter().zip(ids).zip(password_hashes) {
                let user = user(tx.now, id, demo_user, password_hash);
                users::insert(tx, &user)?;
            }
            let names = BTreeMap::from([("en".to_owned(), "Talk".to_owned()), ("ko".to_owned(), "톡".to_owned())]);
            resources::insert(tx, TALK, &audience, &names, None, TokenProfile::default())?;
            for scope in scopes() {
                resources::insert_scope(tx, TALK, &scope)?;
            }
            clients::insert(tx, SHOP, &shop, Some(secret.hash()))
        })
        .await?;
    server.refresh().await?;
    Ok(seeded)
}

fn user(now: i64, id: Id, demo_user: &DemoUser, password_hash: String) -> User {
    User {
        id,
        email: Some(format!("{}@talk.example", demo_user.username)),
        email_verified: true,
        claims: json!({ "name": demo_user.name }).to_string(),
        password_hash: Some(password_hash),
        created_at: now,
        updated_at: now,
        ..User::named(demo_user.username)
    }
}

/// Shop's registration. The profile scope is required, the message scopes are optional.
fn shop_metadata(shop_url: &str) -> anyhow::Result<ClientMetadata> {
    let metadata: ClientMetadata = serde_json::from_value(json!({
        "client_name": "Shop",
        "client_name#ko": "항구책방",
        "organization_name": "Harbour Books",
        "organization_name#ko": "항구책방",
        "contacts": ["help@shop.example"],
        "client_uri": shop_url,
        "redirect_uris": [shop::redirect_uri(shop_url)],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "profile:read message:read message:send payment:make",
        "required_scope": "profile:read",
        "required_scope_reasons": { "profile:read": "Shop greets you by name." },
        "required_scope_reasons#ko": { "profile:read": "이름을 부르며 인사합니다." },
    }))?;
    metadata.check(&[]).map_err(|rule| anyhow!(rule))?;
    Ok(metadata)
}

fn scopes() -> [Scope; 4] {
    let scope = |name: &str, risk, [english, korean]: [(&str, &str); 2]| {
        let text = |(sentence, consequence): (&str, &str)| ScopeText {
            sentence: sentence.to_owned(),
            consequence: consequence.to_owned(),
        };
        let texts = BTreeMap::from([("en".to_owned(), text(english)), ("ko".to_owned(), text(korean))]);
        Scope {
            id: Id::now_v7(),
            name: name.to_owned(),
            texts,
            risk,
            is_default: risk.is_default(),
            open_to: None,
            acr: None,
        }
    };
    [
        scope(
            "profile:read",
            Risk::Low,
            [
                ("See your name", "The app learns the name and the handle that you use on Talk."),
                ("톡 이름과 아이디 보기", "톡에서 쓰는 이름과 아이디를 앱이 알 수 있습니다."),
            ],
        ),
        scope(
            "message:read",
            Risk::Elevated,
            [
                ("Read your messages", "Everything you and your friends wrote, also before today."),
                ("내 메시지 읽기", "지금까지 주고받은 메시지와 앞으로 주고받을 메시지를 앱이 모두 볼 수 있습니다."),
            ],
        ),
        scope(
            "message:send",
            Risk::High,
            [
                (
                    "Send messages in your name",
                    "Your friends see them as coming from you, and they cannot be taken back.",
                ),
                ("내 이름으로 메시지 보내기", "친구들에게는 내가 보낸 메시지로 보이며, 되돌릴 수 없습니다."),
            ],
        ),
        Scope {
            acr: Some(Acr::Mfa),
            ..scope(
                "payment:make",
                Risk::High,
                [
                    ("Pay from your Talk wallet", "The app can spend your money, and it cannot be taken back."),
                    ("톡 지갑으로 결제하기", "앱이 내 돈을 쓸 수 있으며, 되돌릴 수 없습니다."),
                ],
            )
        },
    ]
}
