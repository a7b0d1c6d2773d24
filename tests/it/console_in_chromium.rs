//! The console in a real browser, without scripts. Needs `WRIT_BROWSER_TESTS=1`.

use thirtyfour::prelude::*;

use crate::support::{
    administrator::{self, promote, sign_in},
    seed::PASSWORD,
};

#[tokio::test]
async fn administrator_signs_in_with_a_code_and_deletes_an_app() -> anyhow::Result<()> {
    if !writ_chromium::wanted() {
        return Ok(());
    }
    let server = administrator::start().await;
    server.shop().await.tokens("openid profile:read").await;
    promote(&server, "alice").await;
    let (_, app) = sign_in(&server, "alice").await;
    server.clock.advance(30);
    writ_chromium::run(async |chromium| {
        chromium.set_scripts(false).await?;
        chromium.set_width(360).await?;
        chromium.goto(&format!("{}/admin/apps", server.issuer)).await?;
        chromium.fill("username", "alice").await?;
        chromium.fill("password", PASSWORD).await?;
        chromium.click("login").await?;
        chromium.fill("code", &app.code(&server)).await?;
        chromium.click("verify").await?;
        chromium.driver.query(By::LinkText("Shop")).first().await?.click().await?;
        chromium.click("delete").await?;
        let effects = chromium.driver.query(By::Id("effects")).first().await?.text().await?;
        anyhow::ensure!(effects.contains("1 grant of 1 user ends."), "{effects}");
        chromium.fill("reason", "ticket 7").await?;
        chromium.click("confirm").await?;
        let done = chromium.driver.query(By::Id("done")).first().await?.text().await?;
        anyhow::ensure!(done == "The app was deleted.", "{done}");
        Ok(())
    })
    .await?;
    assert_eq!(server.count("clients").await, 0);
    Ok(())
}
