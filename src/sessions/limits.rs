//! The rate limits of a sign-in.
//!
//! A browser in which this user has signed in before has a limit of its own (OWASP, "Device
//! Cookies"). An attacker who exhausts the limit of the account or network cannot lock the user
//! out.

use std::net::IpAddr;

use actix_web::HttpResponse;
use aws_lc_rs::hmac;

use super::csrf;
use crate::{
    secret::Secret,
    server::{Call, Server},
    store::{
        Id,
        throttle::{Key, Limits},
        users::{self, User},
    },
    web::{
        client_address::networks,
        cookies::{self, Name},
        limits::{account_rate, of_networks},
    },
};

/// The purpose of the token that identifies a browser to a user.
const DEVICE: &str = "device cookie";
/// The separator between and within the entries of the cookie.
const SEPARATOR: &str = "~";
/// Maximum number of users per browser.
const MAX_ENTRIES: usize = 5;
/// Lifetime of the cookie in seconds: a year.
const LIFETIME: i64 = 365 * 86_400;

/// The users who have signed in at this browser, each with a random id and its proof.
#[derive(Debug, Clone, Default)]
pub struct DeviceCookie(Vec<(String, String)>);

impl DeviceCookie {
    /// Reads the cookie of the request.
    pub fn read(call: &Call) -> Self {
        let text = call.cookie(Name::Device).unwrap_or_default();
        let entries = text.split(SEPARATOR).filter_map(|entry| entry.split_once('.'));
        Self(entries.take(MAX_ENTRIES).map(|(id, proof)| (id.to_owned(), proof.to_owned())).collect())
    }

    /// The id of the browser, if this user has signed in here before.
    fn id_for(&self, key: &hmac::Key, user: Id) -> Option<&str> {
        let is_proven = |(id, proof): &&(String, String)| csrf::verify(key, DEVICE, &[id, &user.to_string()], proof);
        self.0.iter().find(is_proven).map(|(id, _)| id.as_str())
    }

    /// Whether this user has signed in at this browser before.
    pub(super) fn knows(&self, server: &Server, user: Id) -> bool {
        self.id_for(&server.front.form_key, user).is_some()
    }

    /// Adds this user to the cookie.
    pub fn remember(mut self, server: &Server, user: Id, response: &mut HttpResponse) {
        let key = &server.front.form_key;
        self.0.retain(|(id, proof)| !csrf::verify(key, DEVICE, &[id, &user.to_string()], proof));
        self.0.truncate(MAX_ENTRIES - 1);
        let id = Secret::random().expose();
        let proof = csrf::token(key, DEVICE, &[&id, &user.to_string()]);
        self.0.insert(0, (id, proof));
        let entries: Vec<String> = self.0.iter().map(|(id, proof)| format!("{id}.{proof}")).collect();
        let cookie = cookies::write(Name::Device, entries.join(SEPARATOR), Some(LIFETIME), server.front.https);
        cookies::set(response, &cookie);
    }
}

/// How a sign-in is counted, and its share of the password queue.
pub(super) struct Counted {
    pub(super) limits: Limits,
    /// The network. `None` if this user has signed in at the browser before.
    pub(super) lane: Option<String>,
}

/// The limits of a code after the password. The owner of a known browser cannot be locked out by
/// an attacker who has the password.
pub(super) fn of_code(server: &Server, device: &DeviceCookie, address: IpAddr, user_id: Id) -> Limits {
    let account = account_rate(&server.settings.throttle);
    if let Some(id) = device.id_for(&server.front.form_key, user_id) {
        return Limits::new(vec![(Key::new("code from device", id), account)]);
    }
    let mut limits = of_networks(&server.settings.throttle, "code from network", address);
    limits.push((Key::of_codes(user_id), account));
    Limits::new(limits)
}

/// The limits of a code in a session, so that others cannot exhaust them.
pub fn of_code_in_session(server: &Server, session_id: Id) -> Limits {
    let account = account_rate(&server.settings.throttle);
    Limits::new(vec![(Key::of_codes_in_session(session_id), account)])
}

/// The limits of a sign-in with the name `login`. `user` is the user with this name, if there is
/// one.
pub(super) fn of_sign_in(
    server: &Server,
    device: &DeviceCookie,
    address: IpAddr,
    login: &str,
    user: Option<&User>,
) -> Counted {
    let account = account_rate(&server.settings.throttle);
    if let Some(id) = user.and_then(|user| device.id_for(&server.front.form_key, user.id)) {
        return Counted { limits: Limits::new(vec![(Key::new("device", id), account)]), lane: None };
    }
    let mut limits = of_networks(&server.settings.throttle, "network", address);
    // An account has one limit for all of its names.
    let name = user.map_or_else(|| users::normalize(login), |user| user.username.clone());
    limits.push((Key::of_account(&name), account));
    Counted { limits: Limits::new(limits), lane: networks(address).into_iter().next().map(|(name, _)| name) }
}
