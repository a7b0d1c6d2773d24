//! `/admin/settings`: the effective settings, without passwords.

use actix_web::HttpResponse;
use askama::Template;
use toml::{Table, Value};

use super::{Frame, Place};
use crate::{
    config::Settings,
    server::Call,
    web::page::{Page, PageContext},
};

/// `GET /admin/settings`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Settings, Place::Settings.path(), async |console| {
        let sections = sections(&call.server.settings);
        Ok(SettingsPage { page: console.page, frame: console.frame, sections }.respond())
    })
    .await
}

/// The sections as `writ config print` writes them, and what differs from the built-in defaults.
fn sections(settings: &Settings) -> Vec<SectionView> {
    let (effective, defaults) = (table(settings), table(&Settings::default()));
    let nothing = Table::new();
    let section = |(name, values): (String, Value)| {
        let own = defaults.get(&name).and_then(Value::as_table).unwrap_or(&nothing);
        let values = values.as_table().cloned().unwrap_or_default();
        let values = values.into_iter().map(|(key, value)| SettingView {
            is_default: own.get(&key) == Some(&value),
            value: value.to_string(),
            key,
        });
        SectionView { values: values.collect(), name }
    };
    effective.into_iter().map(section).collect()
}

fn table(settings: &Settings) -> Table {
    settings.to_toml().parse().unwrap_or_default()
}

/// The page of the settings.
#[derive(Template)]
#[template(path = "pages/console/settings.html")]
pub struct SettingsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The sections.
    pub sections: Vec<SectionView>,
}

/// A section of the configuration.
pub struct SectionView {
    /// Its name, such as `tokens`.
    pub name: String,
    /// Its settings.
    pub values: Vec<SettingView>,
}

/// A setting.
pub struct SettingView {
    /// Its key.
    pub key: String,
    /// Its value, as TOML.
    pub value: String,
    /// Whether that is the built-in default.
    pub is_default: bool,
}

impl Page for SettingsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
