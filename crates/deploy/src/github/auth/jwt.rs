//! The token by which the App itself is known: a JWT signed with its private
//! key, RS256, good for some minutes.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::HeaderValue;
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::bearer;
use crate::github::error::Error;

/// It begins a minute ago, and ends within the ten minutes that GitHub allows:
/// clocks differ a little.
const BEGINS: i64 = -60;
const ENDS: i64 = 540;

/// The App's private key.
pub(super) struct Key(RsaKeyPair);

impl Key {
    /// Reads the key as GitHub hands it out, or as other tools write it.
    pub(super) fn read(pem: &SecretString) -> Result<Self, Error> {
        let unusable = Error::Misconfigured(
            "the private key of the GitHub App is no RSA key of 2048 bits or more in PEM form: \
             give it as GitHub hands it out, from BEGIN to END",
        );
        let pair = der_in(pem.expose_secret()).and_then(|(der, is_pkcs8)| {
            if is_pkcs8 {
                RsaKeyPair::from_pkcs8(&der).ok()
            } else {
                RsaKeyPair::from_der(&der).ok()
            }
        });
        pair.map(Self).ok_or(unusable)
    }

    /// The `Authorization` of the App with this id, from now by GitHub's clock.
    pub(super) fn sign(&self, app: u64, github_now: Timestamp) -> Result<HeaderValue, Error> {
        let unsigned = Error::Misconfigured("the private key of the GitHub App can't sign");
        let second = github_now.as_second();
        let claims = json!({
            "iat": second + BEGINS,
            "exp": second + ENDS,
            "iss": app,
        });
        let encoded = |part: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let header = encoded(&json!({"alg": "RS256", "typ": "JWT"}));
        let message = format!("{header}.{}", encoded(&claims));
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        );
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        match (signed, bearer(&format!("{message}.{signature}"))) {
            (Ok(()), Some(header)) => Ok(header),
            _ => Err(unsigned),
        }
    }
}

/// The bytes of the first private key in a PEM text, and whether their form is
/// PKCS#8; PKCS#1 otherwise.
fn der_in(pem: &str) -> Option<(Vec<u8>, bool)> {
    [("RSA PRIVATE KEY", false), ("PRIVATE KEY", true)]
        .into_iter()
        .find_map(|(label, is_pkcs8)| {
            let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
            let (text, _) = after.split_once(&format!("-----END {label}-----"))?;
            let text: String = text.split_ascii_whitespace().collect();
            Some((BASE64_STANDARD.decode(text).ok()?, is_pkcs8))
        })
}

#[cfg(test)]
mod tests {
    use ring::signature::RsaPublicKeyComponents;

    use super::*;

    const PKCS1: &str = include_str!("../../../tests/keys/app.pkcs1.pem");
    const PKCS8: &str = include_str!("../../../tests/keys/app.pkcs8.pem");

    fn key(pem: &str) -> Key {
        Key::read(&pem.into()).unwrap()
    }

    #[test]
    fn a_token_is_signed_and_good_for_ten_minutes_around_now() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for pem in [PKCS1, PKCS8] {
            let key = key(pem);
            let header = key.sign(1234, now).unwrap();
            assert!(header.is_sensitive());
            let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap();
            let (message, signature) = token.rsplit_once('.').unwrap();
            let public = RsaPublicKeyComponents::<Vec<u8>>::from(key.0.public());
            let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
            public
                .verify(
                    &ring::signature::RSA_PKCS1_2048_8192_SHA256,
                    message.as_bytes(),
                    &signature,
                )
                .unwrap();
            let parts: Vec<String> = message
                .split('.')
                .map(|part| {
                    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
                })
                .collect();
            insta::allow_duplicates! {
                insta::assert_snapshot!(parts.join("\n"), @r#"
                {"alg":"RS256","typ":"JWT"}
                {"exp":1800000540,"iat":1799999940,"iss":1234}
                "#);
            }
        }
    }

    #[test]
    fn a_key_may_stand_among_other_text() {
        let odd = format!("Bag Attributes\r\n{}\r\n", PKCS1.replace('\n', "\r\n"));
        key(&odd);
        key(PKCS8.trim());
    }

    #[test]
    fn what_is_no_key_is_told_in_one_sentence_that_does_not_show_it() {
        let short = "-----BEGIN RSA PRIVATE KEY-----\nMEgCQQ==\n-----END RSA PRIVATE KEY-----";
        let cut = &PKCS1[..PKCS1.len() / 2];
        for pem in ["", "secret", short, cut] {
            let error = Key::read(&pem.into()).err().unwrap();
            insta::allow_duplicates! {
                insta::assert_snapshot!(
                    error,
                    @"the private key of the GitHub App is no RSA key of 2048 bits or more in PEM form: give it as GitHub hands it out, from BEGIN to END"
                );
            }
        }
    }
}
