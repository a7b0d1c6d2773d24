//! The texts of the queued mails.

use std::str::FromStr;

use crate::{
    fault::Fault,
    mail::{
        Letter, Mailer,
        link::{self, Purpose},
    },
    server::Server,
    store::{
        Id,
        mails::{Kind, Mail},
        notices::{self, Kind as Change},
        users::{self, User},
    },
    web::{
        locale::{Locale, Value},
        zone::Zone,
    },
};

/// The text of a queued mail. `None` if it has become pointless, because its row is gone.
pub(super) async fn write(server: &Server, mailer: &Mailer, mail: &Mail) -> Result<Option<Letter>, Fault> {
    let locale = Locale::negotiate([mail.language.as_str()]);
    let kind = Kind::from_str(&mail.kind);
    let kind = kind.map_err(|_| Fault::Corrupt(format!("kind of mail {}: {}", mail.id, mail.kind)))?;
    if kind == Kind::Test {
        return Ok(Some(mailer.letter(locale, "mail-test-subject").says(locale.text("mail-test-text"))));
    }
    if let Kind::SignUp | Kind::Invitation = kind {
        return new_account(server, mailer, mail, locale, kind).map(Some);
    }
    let Some(user) = user(server, mail).await? else { return Ok(None) };
    let username = user.username.as_str();
    let text = |key| locale.text_with(key, &[("username", username)]);
    let lifetime = locale.duration(mail.expires_at - mail.created_at);
    let ends = locale.text_with("mail-link-ends", &[("duration", lifetime)]);
    Ok(Some(match kind {
        Kind::Test | Kind::SignUp | Kind::Invitation => return Ok(None),
        Kind::Recovery => mailer
            .letter(locale, "mail-recovery-subject")
            .says(text("mail-recovery-text"))
            .leads_to(locale.text("mail-recovery-action"), link_url(server, mail, Purpose::Recovery)?)
            .notes(ends)
            .notes(locale.text("mail-recovery-ignore")),
        Kind::EmailVerification => {
            let digits = link::digits(&server.front.form_key, link_id(mail)?);
            mailer
                .letter(locale, "mail-verification-subject")
                .says(text("mail-verification-text"))
                .says(locale.text_with("mail-verification-digits", &[("digits", digits)]))
                .leads_to(locale.text("mail-verification-action"), link_url(server, mail, Purpose::EmailVerification)?)
                .notes(ends)
                .notes(locale.text("mail-verification-ignore"))
        }
        Kind::SignUpTaken => mailer.letter(locale, "mail-taken-subject").says(text("mail-sign-up-taken-text")),
        Kind::EmailTaken => mailer.letter(locale, "mail-taken-subject").says(text("mail-taken-text")),
        Kind::Notice => return notice(server, mailer, mail, locale, &user).await,
    }))
}

/// The text of a mail to a reader who has no account yet. It repeats nothing that a user entered.
fn new_account(server: &Server, mailer: &Mailer, mail: &Mail, locale: Locale, kind: Kind) -> Result<Letter, Fault> {
    let lifetime = locale.duration(mail.expires_at - mail.created_at);
    let ends = locale.text_with("mail-link-ends", &[("duration", lifetime)]);
    Ok(if kind == Kind::SignUp {
        let digits = link::digits(&server.front.form_key, link_id(mail)?);
        mailer
            .letter(locale, "mail-sign-up-subject")
            .says(locale.text("mail-sign-up-text"))
            .says(locale.text_with("mail-verification-digits", &[("digits", digits)]))
            .leads_to(locale.text("mail-verification-action"), link_url(server, mail, Purpose::SignUp)?)
            .notes(ends)
            .notes(locale.text("mail-sign-up-ignore"))
    } else {
        mailer
            .letter(locale, "mail-invitation-subject")
            .says(locale.text("mail-invitation-text"))
            .leads_to(locale.text("sign-up-heading"), link_url(server, mail, Purpose::Invitation)?)
            .notes(ends)
    })
}

/// The text of a notice about a change of the account.
async fn notice(
    server: &Server,
    mailer: &Mailer,
    mail: &Mail,
    locale: Locale,
    user: &User,
) -> Result<Option<Letter>, Fault> {
    let id = link_id(mail)?;
    let Some(notice) = server.store.read(move |tx| notices::find(tx, id)).await? else { return Ok(None) };
    let is_named = notice.about.is_some();
    let (subject, text) = match notice.kind()? {
        Change::EmailChanged => ("notice-email-changed-subject", "notice-email-changed"),
        Change::PasswordChanged | Change::PasswordRecovered => ("notice-password-subject", "notice-password"),
        Change::PasswordRemoved => ("notice-password-removed-subject", "notice-password-removed"),
        Change::SecondFactorSetUp => ("notice-factor-set-up-subject", "notice-factor-set-up"),
        Change::SecondFactorRemoved => ("notice-factor-removed-subject", "notice-factor-removed"),
        Change::PasskeyAdded => ("notice-passkey-added-subject", "notice-passkey-added"),
        Change::PasskeyRemoved => ("notice-passkey-removed-subject", "notice-passkey-removed"),
        Change::ProviderLinked if is_named => ("notice-provider-linked-subject", "notice-provider-linked-named"),
        Change::ProviderLinked => ("notice-provider-linked-subject", "notice-provider-linked"),
        Change::ProviderUnlinked if is_named => ("notice-provider-unlinked-subject", "notice-provider-unlinked-named"),
        Change::ProviderUnlinked => ("notice-provider-unlinked-subject", "notice-provider-unlinked"),
        Change::NewBrowser => ("notice-new-browser-subject", "notice-new-browser"),
    };
    let moment = locale.date_time(&Zone::of(&user.standard_claims()?).at(notice.created_at));
    let values = [
        ("username", Value::from(user.username.as_str())),
        ("moment", moment.into()),
        ("network", notice.network.as_str().into()),
        ("provider", notice.about.as_deref().unwrap_or_default().into()),
    ];
    let lifetime = locale.duration(mail.expires_at - mail.created_at);
    let letter = mailer
        .letter(locale, subject)
        .says(locale.text_with(text, &values))
        .says(locale.text("notice-not-me"))
        .leads_to(locale.text("notice-action"), link_url(server, mail, Purpose::Notice)?)
        .notes(locale.text_with("mail-link-ends", &[("duration", lifetime)]))
        .notes(locale.text("notice-ignore"));
    Ok(Some(letter))
}

/// The user that a mail is about.
async fn user(server: &Server, mail: &Mail) -> Result<Option<User>, Fault> {
    let Some(user_id) = mail.user_id else { return Ok(None) };
    server.store.read(move |tx| users::find(tx, user_id)).await
}

fn link_id(mail: &Mail) -> Result<Id, Fault> {
    mail.link_id.ok_or_else(|| Fault::Corrupt(format!("mail {} has no link", mail.id)))
}

/// The URL of the link in a mail.
fn link_url(server: &Server, mail: &Mail, purpose: Purpose) -> Result<String, Fault> {
    Ok(link::url(&server.settings.server.issuer, &server.front.form_key, purpose, link_id(mail)?))
}
