//! In which buckets a sign-in is counted.
//!
//! A browser in which this user has signed in before has a bucket of its own (OWASP, "Device
//! Cookies"), so strangers who use up the account's or the network's do not lock the user out.

use std::net::IpAddr;

use actix_web::HttpResponse;
use aws_lc_rs::hmac;

use super::csrf;
use crate::{
    secret::Secret,
    server::{Call, Server},
    store::{
        Id,
        throttle::{Key, Limits, Rate},
        users::{self, User},
    },
    web::{
        client_address::networks,
        cookies::{self, Name},
    },
};

/// The purpose of the token that names a browser to a user.
const DEVICE: &str = "device cookie";
/// Between the entries of the cookie, and within one.
const SEPARATOR: &str = "~";
/// The most users of whom a browser is known.
const MAX_ENTRIES: usize = 5;
/// Seconds for which a browser is known: a year.
const LIFETIME: i64 = 365 * 86_400;

/// The users of whom this browser is known: one entry each, a random id and its proof.
#[derive(Debug, Clone, Default)]
pub struct DeviceCookie(Vec<(String, String)>);

impl DeviceCookie {
    /// What the browser sent.
    pub fn read(call: &Call) -> Self {
        let text = call.cookie(Name::Device).unwrap_or_default();
        let entries = text.split(SEPARATOR).filter_map(|entry| entry.split_once('.'));
        Self(entries.take(MAX_ENTRIES).map(|(id, proof)| (id.to_owned(), proof.to_owned())).collect())
    }

    /// The browser's id, if this user has signed in here before.
    fn id_for(&self, key: &hmac::Key, user: Id) -> Option<&str> {
        let is_proven = |(id, proof): &&(String, String)| csrf::verify(key, DEVICE, &[id, &user.to_string()], proof);
        self.0.iter().find(is_proven).map(|(id, _)| id.as_str())
    }

    /// Makes the browser known to this user.
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

/// Where a sign-in is counted, and whose share of the password queue it takes.
pub(super) struct Counted {
    pub(super) limits: Limits,
    /// `None` if the browser is known to the user.
    pub(super) lane: Option<String>,
}

/// The buckets of a sign-in as `login`, whose user is `user` if there is one.
pub(super) fn of_sign_in(
    server: &Server,
    device: &DeviceCookie,
    address: IpAddr,
    login: &str,
    user: Option<&User>,
) -> Counted {
    let rates = Rates::of(server);
    if let Some(id) = user.and_then(|user| device.id_for(&server.front.form_key, user.id)) {
        return Counted { limits: Limits::new(vec![(Key::new("device", id), rates.account)]), lane: None };
    }
    let networks = networks(address);
    let counted = |(name, factor): &(String, i64)| (Key::new("network", name), rates.network.times(*factor));
    let mut limits: Vec<(Key, Rate)> = networks.iter().map(counted).collect();
    // An account has one count, whichever of its names is tried.
    let name = user.map_or_else(|| users::normalize(login), |user| user.username.clone());
    limits.push((Key::new("account", &name), rates.account));
    Counted { limits: Limits::new(limits), lane: networks.into_iter().next().map(|(name, _)| name) }
}

/// How often a sign-in may be tried.
#[derive(Clone, Copy)]
pub(super) struct Rates {
    pub(super) account: Rate,
    pub(super) network: Rate,
}

impl Rates {
    pub(super) fn of(server: &Server) -> Self {
        let settings = &server.settings.throttle;
        Self {
            account: Rate::new(settings.account_attempts, settings.account_interval),
            network: Rate::new(settings.network_attempts, settings.network_interval),
        }
    }
}
