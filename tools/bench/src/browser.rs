//! A minimal browser for signing in: cookies, redirects and forms.

use std::collections::BTreeMap;

use anyhow::Context;
use url::Url;

use crate::http::{Connection, Response, form};

/// A browser with its cookies.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// The `Cookie` header line.
    pub(crate) fn cookie_header(&self) -> String {
        if self.cookies.is_empty() {
            return String::new();
        }
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("cookie: {}\r\n", pairs.join("; "))
    }

    pub(crate) async fn get(&mut self, connection: &mut Connection, target: &str) -> anyhow::Result<Response> {
        let response = connection.get(target, &self.cookie_header()).await?;
        Ok(self.keep_cookies(response))
    }

    /// Fetches `target` and follows redirects as long as they stay on the server.
    pub(crate) async fn visit(&mut self, connection: &mut Connection, target: &str) -> anyhow::Result<Page> {
        let mut target = target.to_owned();
        for _ in 0..5 {
            let response = self.get(connection, &target).await?;
            if !(300..400).contains(&response.status) {
                return Ok(Page { target, html: response.expect(200)?.text() });
            }
            target = local_target(response.location()?, &target)?;
        }
        anyhow::bail!("more than five redirects, the last to {target}")
    }

    /// Submits the first form on `page` with its default values and `fields`.
    pub(crate) async fn submit(
        &mut self,
        connection: &mut Connection,
        page: &Page,
        fields: &[(&str, &str)],
    ) -> anyhow::Result<Response> {
        let action = page.attribute("<form", "action").context("a form without action")?;
        let target = if action.is_empty() { page.target.clone() } else { local_target(&action, &page.target)? };
        let untouched = page.untouched_fields();
        let mut pairs: Vec<(&str, &str)> =
            untouched.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        pairs.extend(fields);
        let response = connection.post(&target, &self.cookie_header(), &form(&pairs)).await?;
        Ok(self.keep_cookies(response))
    }

    fn keep_cookies(&mut self, response: Response) -> Response {
        for cookie in response.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }
}

/// A page and its URL.
pub(crate) struct Page {
    pub(crate) target: String,
    pub(crate) html: String,
}

impl Page {
    /// The tags of the first form that begin with `start`.
    fn tags(&self, start: &str) -> impl Iterator<Item = &str> {
        let from = self.html.find("<form").unwrap_or(self.html.len());
        let form = self.html[from..].split("</form>").next().unwrap_or_default();
        form.match_indices(start).filter_map(|(at, _)| form[at..].split_once('>').map(|(tag, _)| tag))
    }

    fn attribute(&self, tag: &str, name: &str) -> Option<String> {
        attribute(self.tags(tag).next()?, name)
    }

    /// The default values of the form, without its checkboxes.
    fn untouched_fields(&self) -> Vec<(String, String)> {
        self.tags("<input")
            .filter(|input| match attribute(input, "type").as_deref() {
                Some("hidden") => true,
                Some("radio") => input.ends_with(" checked"),
                _ => false,
            })
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
            .collect()
    }

    /// The value of the first hidden field of this name, in any form.
    pub(crate) fn hidden(&self, name: &str) -> Option<String> {
        let (_, rest) = self.html.split_once(&format!("type=\"hidden\" name=\"{name}\""))?;
        attribute(rest.split_once('>')?.0, "value")
    }

    /// The values of the checkboxes named `name`.
    pub(crate) fn boxes(&self, name: &str) -> Vec<String> {
        self.tags("<input")
            .filter(|input| attribute(input, "type").as_deref() == Some("checkbox"))
            .filter(|input| attribute(input, "name").as_deref() == Some(name))
            .filter_map(|input| attribute(input, "value"))
            .collect()
    }

    /// The name and value that the button with this id submits.
    pub(crate) fn button(&self, id: &str) -> Option<(String, String)> {
        let button = self.tags("<button").find(|button| attribute(button, "id").as_deref() == Some(id))?;
        Some((attribute(button, "name")?, attribute(button, "value")?))
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let decoded = value.replace("&#38;", "&").replace("&#34;", "\"").replace("&#39;", "'");
    Some(decoded.replace("&quot;", "\"").replace("&amp;", "&"))
}

/// Path and query of a URI, which may be relative to `base`.
fn local_target(address: &str, base: &str) -> anyhow::Result<String> {
    let url = Url::parse("http://server")?.join(base)?.join(address)?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Ok(format!("{}{query}", url.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_is_found_on_a_page() {
        let page = Page {
            target: "/consent?request=1".to_owned(),
            html: r#"<form method="post" action="/consent"><input type="hidden" name="csrf" value="a&#38;b">
                <input type="radio" name="duration" value="once"><input type="radio" name="duration" value="always" checked>
                <input type="checkbox" name="scope" value="message:read" checked>
                <button id="deny" name="decision" value="deny">No</button>
                <button id="approve" name="decision" value="approve">Yes</button></form>
                <form action="/language"><input type="hidden" name="return_to" value="/"></form>"#
                .to_owned(),
        };
        assert_eq!(page.attribute("<form", "action").as_deref(), Some("/consent"));
        let untouched = [("csrf", "a&b"), ("duration", "always")];
        assert_eq!(page.untouched_fields(), untouched.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(page.boxes("scope"), ["message:read"]);
        assert_eq!(page.button("approve"), Some(("decision".to_owned(), "approve".to_owned())));
    }

    #[test]
    fn redirect_to_another_server_is_refused() {
        let target = local_target("http://127.0.0.1:8400/login?request=1", "/authorize?a=b").expect("a target");
        assert_eq!(target, "/login?request=1");
        assert_eq!(local_target("next?x=1", "/a/b").expect("a target"), "/a/next?x=1");
    }
}
