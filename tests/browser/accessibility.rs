//! Accessibility of all pages: axe-core, narrow screens, target sizes.

use rstest::rstest;
use writ::web::locale::Locale;
use writ_chromium::Chromium;

use crate::{on_previews, samples};

/// Open Source accessibility rules by Deque, MPL 2.0.
const AXE: &str = include_str!("axe.min.js");

/// The rules of WCAG 2.2 AA and good practice.
const RULES: &str = "'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'";
/// The only rule that depends on the theme. It does not depend on the language, and takes the
/// longest.
const CONTRAST: &str = "color-contrast";

/// Runs axe-core on the current page with these options. Returns one line for each violation.
async fn violations(chromium: &Chromium, options: &str) -> anyhow::Result<Vec<String>> {
    chromium.driver.execute(AXE, vec![]).await?;
    let run = format!(
        "const done = arguments[arguments.length - 1];
        axe.run({{ {options} }}).then(
            (results) => done(results.violations.map(
                (rule) => rule.id + ': ' + rule.nodes.map((node) => node.html).join(' | '))),
            (error) => done([String(error)]));"
    );
    Ok(chromium.driver.execute_async(run, vec![]).await?.convert()?)
}

/// Controls smaller than 24 by 24 CSS pixels (WCAG 2.2, 2.5.8), except links within a sentence.
const SMALL_TARGETS: &str = r"
    return [...document.querySelectorAll('button:not(.unseen), input, select, summary, .button')]
        .filter((it) => it.type !== 'hidden' && it.checkVisibility())
        .filter((it) => { const box = it.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
        .map((it) => it.outerHTML);";

/// Two browsers share the pages.
#[rstest]
#[actix_web::test]
async fn axe_finds_nothing_on_any_page_in_either_theme_or_language(#[values(0, 1)] share: usize) -> anyhow::Result<()> {
    let all = format!("runOnly: [{RULES}]");
    let all_but_contrast = format!("{all}, rules: {{ '{CONTRAST}': {{ enabled: false }} }}");
    let contrast = format!("runOnly: {{ type: 'rule', values: ['{CONTRAST}'] }}");
    on_previews(async |chromium, origin| {
        let mut found = Vec::new();
        for name in samples::NAMES.into_iter().skip(share).step_by(2) {
            chromium.set_scripts(name != "form-post").await?;
            chromium.set_theme("light").await?;
            for (number, locale) in Locale::all().iter().enumerate() {
                chromium.driver.goto(format!("{origin}/preview/{name}?ui_locales={locale}")).await?;
                let options = if number == 0 { &all } else { &all_but_contrast };
                let violations = violations(&chromium, options).await?;
                found.extend(violations.into_iter().map(|it| format!("{name} {locale}: {it}")));
            }
            chromium.set_theme("dark").await?;
            let violations = violations(&chromium, &contrast).await?;
            found.extend(violations.into_iter().map(|it| format!("{name} dark: {it}")));
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn pages_fit_320_pixels_and_targets_are_large_enough() -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        chromium.set_width(320).await?;
        for name in samples::NAMES {
            chromium.set_scripts(name != "form-post").await?;
            for locale in Locale::all() {
                chromium.driver.goto(format!("{origin}/preview/{name}?ui_locales={locale}")).await?;
                let width = chromium.driver.execute("return document.documentElement.scrollWidth", vec![]).await?;
                assert!(width.convert::<u32>()? <= 320, "{name} {locale} is {} wide", width.json());
                let small = chromium.driver.execute(SMALL_TARGETS, vec![]).await?;
                assert_eq!(small.convert::<Vec<String>>()?, Vec::<String>::new(), "{name} {locale}");
            }
        }
        Ok(())
    })
    .await
}
