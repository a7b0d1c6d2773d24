//! The cost of the worst untrusted input: four times the input takes about four times as long, and
//! the strength of the worst password a bounded multiple of a typical one. The bounds are relative
//! and in processor time of the thread; the cheapest of several runs counts. A busy machine can
//! still make one comparison look worse than it is, never all of them: one within the bound is
//! enough.

use std::{hint::black_box, iter::repeat_with, time::Duration};

use actix_web::test::TestRequest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};
use writ::{
    password::Weakness,
    requests::UserCode,
    web::{cookies::read_named, locale::Locale},
};
use writ_core::{
    ClientKeys, ClientMetadata, Params, ScopeSet, SigningAlg,
    clients::{credentials, look_alike::are_names_alike, registration},
    scopes::{Offer, Offered},
    vocabulary::{
        claims_request::ClaimsRequest, client_keys::unverified_claims, login_name, redirect_uri::RedirectUri,
    },
};
use writ_jose::json::parse_object;

/// The factor between the two inputs. Quadratic work would take sixteen times as long.
const LARGER: usize = 4;
const LINEAR: f64 = 10.0;
/// The factor of the worst password. Six substitutes for letters take fifteen times as long.
const WORST_PASSWORD: f64 = 60.0;
const ROUNDS: usize = 15;
const REPEATED: usize = 20;
const COMPARISONS: usize = 8;

/// The processor time that this thread has taken so far.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("no negative time")
}

/// The processor time of the cheapest of several runs.
fn cost(rounds: usize, repeated: usize, work: impl Fn()) -> Duration {
    let run = || {
        let started = processor_time();
        (0..repeated).for_each(|_| work());
        processor_time() - started
    };
    (0..rounds).map(|_| run()).min().expect("some rounds")
}

/// The smallest ratio of several comparisons; stops at the first one below the bound.
fn smallest_ratio(bound: f64, compare: impl Fn() -> f64) -> f64 {
    let mut smallest = f64::INFINITY;
    for ratio in repeat_with(compare).take(COMPARISONS) {
        smallest = smallest.min(ratio);
        if smallest < bound {
            break;
        }
    }
    smallest
}

fn object(members: usize) -> String {
    let members: Map<String, Value> = (0..members).map(|number| (format!("member{number}"), json!(number))).collect();
    Value::Object(members).to_string()
}

fn key(number: usize) -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": number.to_string(),
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn names(count: usize) -> String {
    (0..count).map(|number| format!("scope:{number}")).collect::<Vec<_>>().join(" ")
}

fn registered(redirect_uris: usize) -> Map<String, Value> {
    let uris: Vec<String> = (0..redirect_uris).map(|number| format!("https://shop.example/{number}")).collect();
    let members = json!({ "client_name": "Shop", "redirect_uris": uris });
    members.as_object().expect("an object").clone()
}

/// An input of some size, and the computation.
type Case = (&'static str, usize, fn(usize) -> Box<dyn Fn()>);

const CASES: [Case; 17] = [
    ("form with many fields", 120, |size| {
        let form = (0..size).map(|number| format!("f{number}=1&")).collect::<String>();
        Box::new(move || {
            let params = Params::parse(form.as_bytes()).expect("a form");
            params.check_unrepeated().expect("no field twice");
        })
    }),
    ("form with percent-encoding", 1300, |size| {
        let form = format!("state={}", "%41".repeat(size));
        Box::new(move || drop(black_box(Params::parse(form.as_bytes()).expect("a form"))))
    }),
    ("credentials in a form", 1300, |size| {
        let params =
            Params::parse(format!("client_id=a&client_secret={}", "x".repeat(size)).as_bytes()).expect("a form");
        Box::new(move || drop(black_box(credentials::parse(&[], &params))))
    }),
    ("list of scopes", 100, |size| {
        let scopes = names(size);
        Box::new(move || drop(black_box(ScopeSet::parse(&scopes).expect("scopes"))))
    }),
    ("scopes that a client may have", 100, |size| {
        let offered = Offered { name: "scope:1".to_owned(), is_default: false };
        let offer = Offer::new([("https://talk.example".to_owned(), vec![offered])], String::new());
        let metadata = json!({ "client_name": "Shop", "scope": "scope:1 openid" });
        let client: ClientMetadata = serde_json::from_value(metadata).expect("metadata");
        let scopes = ScopeSet::parse(&names(size)).expect("scopes");
        Box::new(move || drop(black_box(offer.requestable(Some(scopes.clone()), &[], &client))))
    }),
    ("claims parameter", 25, |size| {
        let claims = format!("{{\"userinfo\":{}}}", object(size).replace(":0", ":null"));
        Box::new(move || drop(black_box(ClaimsRequest::parse(&claims))))
    }),
    ("nested JSON", 1000, |size| {
        let nested = format!("{{\"a\":{}", "[".repeat(size));
        Box::new(move || assert!(parse_object(nested.as_bytes()).is_none()))
    }),
    ("JSON object with many members", 200, |size| {
        let members = object(size);
        Box::new(move || drop(black_box(parse_object(members.as_bytes()).expect("an object"))))
    }),
    ("unverified JWT", 1000, |size| {
        let part = BASE64_URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256", "iss": "x".repeat(size) }).to_string());
        let token = format!("{part}.{part}.{part}");
        Box::new(move || drop(black_box(unverified_claims::<Map<String, Value>>(&token))))
    }),
    ("key set", 5, |size| {
        let set = json!({ "keys": (0..size).map(key).collect::<Vec<_>>() });
        Box::new(move || drop(black_box(ClientKeys::parse(set.clone()).expect("a key set"))))
    }),
    ("redirect URI", 450, |size| {
        let uri = format!("https://shop.example/{}", "a".repeat(size));
        Box::new(move || drop(black_box(RedirectUri::parse(&uri).expect("a URI"))))
    }),
    ("registration", 5, |size| {
        let terms = registration::Terms {
            scope: ScopeSet::default(),
            require_pkce: true,
            id_token_signing_alg: SigningAlg::RS256,
        };
        Box::new(move || drop(black_box(registration::parse(registered(size), &terms).expect("metadata"))))
    }),
    ("names that look alike", 60, |size| {
        let (one, other) = ("раураl".repeat(size / 6), "paypal".repeat(size / 6));
        Box::new(move || _ = black_box(are_names_alike(&one, &other)))
    }),
    ("login name", 80, |size| {
        let login = "\u{fb03}\u{1d2c}e\u{301}".repeat(size / 4);
        Box::new(move || drop(black_box(login_name::normalize(&login))))
    }),
    ("user code", 1000, |size| {
        let code = "\u{ff22}- ".repeat(size);
        Box::new(move || assert_eq!(UserCode::parse(&code), None))
    }),
    ("Accept-Language", 100, |size| {
        let ranges = vec!["x-klingon;q=0.9"; size].join(",");
        let request = TestRequest::default().insert_header(("accept-language", ranges)).to_http_request();
        Box::new(move || _ = black_box(Locale::of(&request, None)))
    }),
    ("cookies", 250, |size| {
        let cookies = "a=b; ".repeat(size);
        let request = TestRequest::default().insert_header(("cookie", cookies)).to_http_request();
        Box::new(move || assert_eq!(read_named(&request, "writ_session"), None))
    }),
];

#[test]
fn work_grows_no_faster_than_the_input() {
    let mut superlinear = Vec::new();
    for (name, size, case) in CASES {
        let (small, large) = (case(size), case(LARGER * size));
        let ratio = smallest_ratio(LINEAR, || {
            let (small, large) = (cost(ROUNDS, REPEATED, &*small), cost(ROUNDS, REPEATED, &*large));
            large.as_secs_f64() / small.as_secs_f64()
        });
        if ratio >= LINEAR {
            superlinear.push(format!("{name}: {LARGER} times the input costs {ratio:.1} times as much"));
        }
    }
    assert!(superlinear.is_empty(), "{superlinear:#?}");
}

#[test]
fn strength_of_the_worst_password_costs_a_bounded_multiple() {
    let judge = |password: &str| {
        let password = password.to_owned();
        cost(3, 1, move || _ = black_box(Weakness::find(&password, &[])))
    };
    for worst in [
        "4@8({[<369!1|70$5+%2".repeat(5),
        "p4$$w0rd".repeat(128),
        "qwertyuiop".repeat(100),
        "a1!".repeat(300),
        "19871231".repeat(100),
    ] {
        let ratio = smallest_ratio(WORST_PASSWORD, || {
            judge(&worst).as_secs_f64() / judge("hanbyeol-sunset-otter").as_secs_f64()
        });
        assert!(ratio < WORST_PASSWORD, "{worst}: {ratio:.1} times a usual password");
    }
}
