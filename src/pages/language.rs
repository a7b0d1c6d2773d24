//! `/language`: the language that a person chose at the foot of a page, kept in a cookie.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{CACHE_CONTROL, LOCATION},
    web::Data,
};

use crate::{
    protocol::Error,
    server::Server,
    web::{
        Failure, cookies, error_page,
        form::{self, Body},
        locale::{LOCALE_COOKIE, Locale},
    },
};

const ENDPOINT: &str = "language";
const REMEMBERED: Duration = Duration::days(365);

/// `POST /language`: remembers `locale` and leads back to `return_to`, a path of ours.
pub async fn choose(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match remember(&server, &request, &body) {
        Ok(response) => response,
        Err(failure) => error_page::refuse(server.page(&request, None), &request, ENDPOINT, failure),
    }
}

fn remember(server: &Server, request: &HttpRequest, body: &Body) -> Result<HttpResponse, Failure> {
    let params = form::parse_strictly(request, body)?;
    let locale = Locale::lookup(params.require("locale")?)
        .ok_or_else(|| Error::invalid_request("locale is none of the languages of this server"))?;
    let return_to = params.get("return_to")?.unwrap_or("/");
    if !is_local_path(return_to) {
        return Err(Error::invalid_request("return_to is not a path of this server").into());
    }
    let mut response = HttpResponse::SeeOther()
        .insert_header((LOCATION, return_to))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish();
    let cookie = Cookie::build(LOCALE_COOKIE, locale.to_string())
        .path("/")
        .http_only(true)
        .secure(server.settings.server.issuer.is_https())
        .same_site(SameSite::Lax)
        .max_age(REMEMBERED)
        .finish();
    cookies::set(&mut response, &cookie);
    Ok(response)
}

/// Whether a browser stays here: two slashes at the start would name another host, and browsers read a backslash as a slash and
/// skip tabs and line ends.
fn is_local_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_returned_to() {
        for good in ["/", "/logout", "/consent?request=a.b-c_"] {
            assert!(is_local_path(good), "{good}");
        }
        for bad in ["", "evil", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/ /x"]
        {
            assert!(!is_local_path(bad), "{bad}");
        }
    }
}
