//! Encryption of a copy to recipients, in the format of [age](https://age-encryption.org/v1).

use std::{
    fs,
    io::{Read, Write},
    path::Path,
};

use age::{Decryptor, Encryptor, stream::StreamReader, x25519};
use zeroize::Zeroizing;

use super::BackupError;

/// Who can read a backup: public keys.
#[derive(Clone, Default)]
pub struct Recipients(Vec<x25519::Recipient>);

impl Recipients {
    /// Parses public keys such as `age1…`. Each counts once.
    ///
    /// # Errors
    /// [`BackupError::Recipient`].
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, BackupError> {
        let mut recipients: Vec<x25519::Recipient> = Vec::new();
        for text in texts {
            let recipient = text.trim().parse().map_err(|_| BackupError::Recipient(text.trim().to_owned()))?;
            if !recipients.contains(&recipient) {
                recipients.push(recipient);
            }
        }
        Ok(Self(recipients))
    }

    /// Reads a file with a public key in each line. Empty lines and those that begin with `#` are
    /// skipped.
    ///
    /// # Errors
    /// [`BackupError`] if it cannot be read, or has another line or no key.
    pub fn read(path: &Path) -> Result<Self, BackupError> {
        let text = fs::read_to_string(path).map_err(BackupError::file(path))?;
        let recipients = Self::parse(keys(&text))?;
        match recipients.is_empty() {
            true => Err(BackupError::NoRecipients(path.to_owned())),
            false => Ok(recipients),
        }
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        let new = others.0.into_iter().filter(|other| !self.0.contains(other)).collect::<Vec<_>>();
        self.0.extend(new);
        self
    }

    /// Whether nothing is encrypted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The public keys as text.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// Encrypts what `source` has into `target`. Blocks.
    pub(super) fn encrypt(&self, source: &mut impl Read, target: impl Write) -> std::io::Result<()> {
        let recipients = self.0.iter().map(|recipient| recipient as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(recipients).map_err(std::io::Error::other)?;
        let mut stream = encryptor.wrap_output(target)?;
        std::io::copy(source, &mut stream)?;
        stream.finish()?.flush()
    }
}

/// Private keys that open encrypted backups.
pub struct Identities(Vec<x25519::Identity>);

impl Identities {
    /// Reads a file of `age-keygen`: a private key in each line.
    ///
    /// # Errors
    /// [`BackupError`] if it cannot be read, or has another line or no key. The error does not
    /// repeat the line.
    pub fn read(path: &Path) -> Result<Self, BackupError> {
        let text = Zeroizing::new(fs::read_to_string(path).map_err(BackupError::file(path))?);
        let invalid = || BackupError::IdentityFile(path.to_owned());
        let identities: Vec<x25519::Identity> =
            keys(&text).map(|key| key.parse().map_err(|_| invalid())).collect::<Result<_, _>>()?;
        if identities.is_empty() { Err(invalid()) } else { Ok(Self(identities)) }
    }

    /// What `source` has, decrypted.
    pub(super) fn decrypt<R: Read>(&self, source: R) -> Result<StreamReader<R>, age::DecryptError> {
        let identities = self.0.iter().map(|identity| identity as &dyn age::Identity);
        Decryptor::new(source)?.decrypt(identities)
    }
}

/// The lines of a file with keys.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use age::secrecy::ExposeSecret;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        file
    }

    #[test]
    fn each_recipient_opens_what_is_encrypted_and_others_do_not() {
        let identities: Vec<x25519::Identity> = (0..3).map(|_| x25519::Identity::generate()).collect();
        let public = |index: usize| identities[index].to_public().to_string();
        let recipients = Recipients::read(file(&format!("# first\n{}\n\n{}\n", public(0), public(0))).path());
        let recipients = recipients.expect("a key").and(Recipients::parse([&*public(1)]).expect("a key"));
        assert_eq!(recipients.names(), [public(0), public(1)]);

        let plain = vec![7; 200_000];
        let mut encrypted = Vec::new();
        recipients.encrypt(&mut &plain[..], &mut encrypted).expect("encrypted");
        for (index, opens) in [(0, true), (1, true), (2, false)] {
            let text = format!("# created: now\n{}\n", identities[index].to_string().expose_secret());
            let own = Identities::read(file(&text).path()).expect("a key");
            let mut opened = Vec::new();
            let read = own.decrypt(&encrypted[..]).map(|mut stream| stream.read_to_end(&mut opened));
            assert_eq!(matches!(read, Ok(Ok(_))) && opened == plain, opens, "{index}");
            let cut = own.decrypt(&encrypted[..encrypted.len() - 1]).map(|mut stream| stream.read_to_end(&mut opened));
            assert!(!matches!(cut, Ok(Ok(_))), "the end is missing");
        }
    }

    #[test]
    fn file_without_a_key_is_refused_and_not_repeated() {
        for text in ["", "# nothing\n", "AGE-SECRET-KEY-1NONSENSE\n"] {
            let error = Identities::read(file(text).path()).err().expect("refused").to_string();
            assert!(!error.contains("NONSENSE"), "{error}");
        }
        assert!(Recipients::read(file("# none\n").path()).is_err());
        assert!(Recipients::parse(["age1nonsense"]).is_err());
        assert!(Recipients::parse([]).expect("none").is_empty());
    }
}
